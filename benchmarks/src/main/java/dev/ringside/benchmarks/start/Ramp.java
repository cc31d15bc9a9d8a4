package dev.ringside.benchmarks.start;

import java.util.List;
import java.util.stream.IntStream;

/**
 * How a server's speed rises: requests a second in intervals of the same length. The steady speed is the median of the later
 * half of them.
 */
public record Ramp(double intervalSeconds, List<Double> iops) {

    /** Requests a second when nothing changes any more. */
    public double steady() {
        List<Double> later =
                iops.subList(iops.size() / 2, iops.size()).stream().sorted().toList();
        return later.get(later.size() / 2);
    }

    /** What share of the steady speed each interval reached; 0 if there is none. */
    public List<Double> shares() {
        double steady = steady();
        return iops.stream().map(each -> steady > 0 ? each / steady : 0).toList();
    }

    /** When the first interval ended that reached a share of the steady speed, in seconds; the length of all if none did. */
    public double secondsTo(double share) {
        List<Double> shares = shares();
        int first = IntStream.range(0, shares.size())
                .filter(i -> shares.get(i) >= share)
                .findFirst()
                .orElse(shares.size() - 1);
        return (first + 1) * intervalSeconds;
    }
}
