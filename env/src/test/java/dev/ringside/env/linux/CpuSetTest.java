package dev.ringside.env.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CpuSetTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0x3 | 0x3",
                "3 | 0x3",
                "0X1f | 0x1f",
                "F0 | 0xf0",
                "0x8000000000000000 | 0x8000000000000000",
                "0x10000000000000001 | 0x10000000000000001",
                "[0] | 0x1",
                "[3] | 0x8",
                "[0,2-4] | 0x1d",
                "0,2-4 | 0x1d",
                "2-4 | 0x1c",
                "[ 1 , 3 - 5 ] | 0x3a",
                "5,5,5-5 | 0x20",
                "[64] | 0x10000000000000000",
            })
    void readsBothSpellings(String text, String mask) {
        CpuSet set = CpuSet.parse(text);
        assertThat(set.toMask()).isEqualTo(mask);
        assertThat(CpuSet.parse(mask)).isEqualTo(set).hasSameHashCodeAs(set);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | it is empty",
                "0x | not a hexadecimal number",
                "0xg | not a hexadecimal number",
                "zero | not a hexadecimal number",
                "0x0 | names no core",
                "[] | is not a core",
                "[0 | a bracket is missing",
                "0,1] | a bracket is missing",
                "[0,] | is not a core",
                "[a] | is not a core",
                "-1 | is not a core",
                "4-2 | goes down",
                "[1024] | core 1024 is too high",
                "[0-99999999999] | core 99999999999 is too high",
            })
    void saysWhatIsWrong(String text, String why) {
        assertThatThrownBy(() -> CpuSet.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"" + text + "\"")
                .hasMessageContaining(why)
                .hasMessageContaining("0x3")
                .hasMessageContaining("[0,2-4]");
    }

    @Test
    void isASet() {
        CpuSet set = CpuSet.parse("[0,2-4]");
        assertThat(set.cores()).containsExactly(0, 2, 3, 4);
        assertThat(set.contains(2)).isTrue();
        assertThat(set.contains(1)).isFalse();
        assertThat(set.contains(-1)).isFalse();
        assertThat(set.intersect(CpuSet.parse("[3-9]"))).isEqualTo(CpuSet.parse("3,4"));
        assertThat(set.intersect(CpuSet.parse("[9]")).isEmpty()).isTrue();
        assertThat(set).isNotEqualTo(CpuSet.parse("1")).hasToString("0x1d");
    }

    @Test
    void pinsAThread() throws Exception {
        int core = CpuSet.online().cores()[0];
        CompletableFuture<String> allowed = new CompletableFuture<>();
        Thread.ofPlatform().start(() -> {
            try {
                CpuSet.pinCurrentThread(core);
                Path status = Path.of("/proc/self/task/" + CpuSet.currentTid() + "/status");
                allowed.complete(Files.readString(status));
            } catch (IOException e) {
                allowed.completeExceptionally(e);
            }
        });
        assertThat(allowed.get(10, TimeUnit.SECONDS)).contains("Cpus_allowed_list:\t" + core + "\n");
        assertThat(CpuSet.online().contains(core)).isTrue();
    }

    @Test
    void doesNotPinToACoreThatIsNotThere() {
        assertThatThrownBy(() -> CpuSet.pinCurrentThread(1023))
                .isInstanceOfSatisfying(
                        LinuxException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL))
                .hasMessage("sched_setaffinity to core 1023: Invalid argument (EINVAL)");
        assertThatThrownBy(() -> CpuSet.pinCurrentThread(-1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void tellsHowLongAThreadRan() throws Exception {
        int tid = CpuSet.currentTid();
        ThreadCpu before = ThreadCpu.of(tid);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        ThreadCpu now = before;
        while (now.userNs() + now.systemNs() == before.userNs() + before.systemNs()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            now = ThreadCpu.of(tid);
        }
        assertThat(now.userNs()).isGreaterThanOrEqualTo(before.userNs());
        assertThat(now.systemNs()).isGreaterThanOrEqualTo(before.systemNs());
        assertThatThrownBy(() -> ThreadCpu.of(0)).isInstanceOf(IOException.class);
    }
}
