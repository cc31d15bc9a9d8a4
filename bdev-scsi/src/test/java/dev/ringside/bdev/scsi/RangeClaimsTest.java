package dev.ringside.bdev.scsi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ringside.bdev.BdevException;
import dev.ringside.env.linux.Errno;
import org.junit.jupiter.api.Test;

class RangeClaimsTest {
    @Test
    void rangesThatTouchDoNotOverlap() throws BdevException {
        RangeClaims claims = new RangeClaims();
        claims.claim("b", 10, 10);
        claims.claim("a", 0, 10);
        claims.claim("c", 20, 1);
        assertThat(claims.list()).extracting(RangeClaims.Claim::owner).containsExactly("a", "b", "c");
    }

    @Test
    void anOverlapIsRefusedWithTheOwnersName() throws BdevException {
        RangeClaims claims = new RangeClaims();
        RangeClaims.Claim claim = claims.claim("first", 10, 10);
        for (long[] range : new long[][] {{0, 11}, {19, 1}, {12, 2}, {0, 100}, {10, 10}}) {
            assertThatThrownBy(() -> claims.claim("second", range[0], range[1]))
                    .isInstanceOfSatisfying(
                            BdevException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EBUSY))
                    .hasMessageContaining("first");
        }
        claims.release(claim);
        claims.claim("second", 0, 100);
    }
}
