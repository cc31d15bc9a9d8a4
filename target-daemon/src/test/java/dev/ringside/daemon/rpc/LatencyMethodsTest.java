package dev.ringside.daemon.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.bdev.latency.Histogram;
import dev.ringside.daemon.RunningDaemon;
import dev.ringside.daemon.ServedGuest;
import dev.ringside.testkit.frontend.BlkFrontend;
import dev.ringside.testkit.frontend.BlkOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.StreamSupport;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What operators are told of where time goes. */
class LatencyMethodsTest {
    private static final int REQUESTS = 20;

    private ServedGuest served;
    private RunningDaemon daemon;
    private BlkFrontend guest;

    @BeforeEach
    void connect() throws Exception {
        served = ServedGuest.with(options -> options, BlkOptions.of(1, 64));
        daemon = served.daemon();
        guest = served.front();
        daemon.call("bdev_malloc_create", "{'name': 'other', 'num_blocks': 2048, 'block_size': 512}");
    }

    @AfterEach
    void disconnect() throws IOException {
        served.close();
    }

    @Test
    void theHistogramIsInTheFormOfSpdk() throws IOException {
        enable("{'name': 'ram', 'enable': true}");
        load();

        JsonNode result = daemon.call("bdev_get_histogram", "{'name': 'ram'}");
        assertThat(result.propertyNames())
                .containsExactly("histogram", "granularity", "min_range", "max_range", "tsc_rate");
        int granularity = result.path("granularity").asInt();
        assertThat(result.path("max_range").asInt()).isEqualTo(Long.SIZE - granularity);
        ByteBuffer counters = ByteBuffer.wrap(
                        Base64.getDecoder().decode(result.path("histogram").asString()))
                .order(ByteOrder.LITTLE_ENDIAN);
        assertThat(counters.remaining()).isEqualTo(Histogram.BUCKETS * Long.BYTES);
        assertThat(LongStream.generate(counters::getLong)
                        .limit(Histogram.BUCKETS)
                        .sum())
                .isEqualTo(REQUESTS);
        assertThat(result.path("tsc_rate").asLong()).isEqualTo(1_000_000_000);
    }

    @Test
    void theTimeOfRequestsIsToldForTheDiskAndForTheQueue() throws IOException {
        enable("{'name': 'ram', 'enable': true}");
        assertThat(daemon.call("bdev_get_latency").at("/0/sentence").asString()).startsWith("No request");
        load();

        JsonNode disks = daemon.call("bdev_get_latency");
        assertThat(disks.size()).isEqualTo(1);
        JsonNode disk = disks.path(0);
        assertThat(disk.path("name").asString()).isEqualTo("ram");
        assertThat(disk.path("spans").propertyNames())
                .containsExactly("poll_delay", "ring", "qos", "block_layer", "device", "completion", "bdev", "request");
        disk.path("spans").forEach(span -> {
            assertThat(span.path("count").asInt()).isEqualTo(REQUESTS);
            assertThat(span.path("max").asLong())
                    .isGreaterThanOrEqualTo(span.path("p50").asLong());
        });
        double shares = StreamSupport.stream(disk.path("shares").spliterator(), false)
                .mapToDouble(JsonNode::asDouble)
                .sum();
        assertThat(shares).isBetween(0.999, 1.001);
        assertThat(disk.at("/shares/" + disk.path("cause").asString()).asDouble())
                .isGreaterThanOrEqualTo(0.2);
        assertThat(disk.path("sentence").asString()).startsWith("Mostly ").contains("the poller was late by ");

        JsonNode queue = daemon.call("vhost_get_latency", "{'ctrlr': 'c'}").at("/0/queues/0");
        assertThat(queue.path("spans")).isEqualTo(disk.path("spans"));
        assertThat(queue.path("session").asInt()).isZero();
        assertThat(queue.path("reactor").asString()).startsWith("reactor_");
    }

    @Test
    void theHistogramOfEachPartIsToldOnRequest() throws IOException {
        enable("{'name': 'ram', 'enable': true}");
        load();
        JsonNode disk = daemon.call("bdev_get_latency", "{'name': 'ram', 'buckets': true}")
                .at("/0/spans");
        JsonNode queue = daemon.call("vhost_get_latency", "{'ctrlr': 'c', 'buckets': true}")
                .at("/0/queues/0/spans");
        assertThat(queue).isEqualTo(disk);
        assertThat(disk.size()).isEqualTo(8);
        disk.forEach(span -> {
            JsonNode buckets = span.path("buckets");
            long sum = 0;
            long last = -1;
            for (JsonNode bucket : buckets) {
                assertThat(bucket.propertyNames()).containsExactly("to", "count");
                assertThat(bucket.path("to").asLong()).isGreaterThan(last);
                assertThat(bucket.path("count").asLong()).isPositive();
                last = bucket.path("to").asLong();
                sum += bucket.path("count").asLong();
            }
            assertThat(sum).isEqualTo(REQUESTS);
            assertThat(last).isGreaterThanOrEqualTo(span.path("max").asLong());
        });
        daemon.call("bdev_get_latency", "{'buckets': false}")
                .at("/0/spans")
                .forEach(span -> assertThat(span.has("buckets")).isFalse());
        // Only that of the block layer is told in SPDK's form; it is the same.
        ByteBuffer counters = ByteBuffer.wrap(Base64.getDecoder()
                        .decode(daemon.call("bdev_get_histogram", "{'name': 'ram'}")
                                .path("histogram")
                                .asString()))
                .order(ByteOrder.LITTLE_ENDIAN);
        Map<Long, Long> told = new TreeMap<>();
        disk.at("/bdev/buckets")
                .forEach(bucket -> told.put(
                        bucket.path("to").asLong(), bucket.path("count").asLong()));
        Map<Long, Long> counted = new TreeMap<>();
        for (int i = 0; i < Histogram.BUCKETS; i++) {
            long count = counters.getLong();
            if (count > 0) {
                counted.put(Histogram.lastOf(i), count);
            }
        }
        assertThat(told).isEqualTo(counted);
    }

    @Test
    void nothingIsToldOfADiskThatIsNotMeasured() throws IOException {
        load();
        assertThat(daemon.refusal("bdev_get_histogram", "{'name': 'ram'}"))
                .hasMessageContaining("bdev ram is not measured");
        assertThat(daemon.refusal("bdev_get_latency", "{'name': 'ram'}").code()).isEqualTo(-22);
        assertThat(daemon.refusal("bdev_enable_histogram", "{'name': 'x', 'enable': true}")
                        .code())
                .isEqualTo(-19);
        assertThat(daemon.call("bdev_get_latency").size()).isZero();
        assertThat(daemon.call("vhost_get_latency").at("/0/queues").size()).isZero();
    }

    @Test
    void theConfigurationMeasuresAgain() throws IOException {
        enable("{'name': 'ram', 'enable': true, 'slow_io_us': 250}");
        enable("{'name': 'other', 'enable': true}");
        JsonNode config = daemon.call("framework_get_config", "{'name': 'bdev'}");
        // By name: "ram" was made first.
        assertThat(config.path(2))
                .isEqualTo(RunningDaemon.json(
                        "{'method': 'bdev_enable_histogram', 'params': {'name': 'other', 'enable': true}}"));
        assertThat(config.path(3))
                .isEqualTo(RunningDaemon.json(
                        "{'method': 'bdev_enable_histogram', 'params': {'name': 'ram', 'enable': true,"
                                + " 'slow_io_us': 250}}"));
        enable("{'name': 'ram', 'enable': false}");
        enable("{'name': 'other', 'enable': false}");
        assertThat(daemon.call("framework_get_config", "{'name': 'bdev'}").size())
                .isEqualTo(2);
    }

    @Test
    void slowRequestsAreLoggedAndRecorded() throws Exception {
        BlockingQueue<RecordedEvent> recorded = new LinkedBlockingQueue<>();
        try (RecordingStream stream = new RecordingStream()) {
            stream.enable("dev.ringside.SlowIo");
            stream.onEvent("dev.ringside.SlowIo", recorded::add);
            stream.startAsync();
            enable("{'name': 'ram', 'enable': true, 'slow_io_us': 1}");
            daemon.call(
                    "bdev_set_qos_limit",
                    "{'name': 'ram', 'rw_ios_per_sec': 100, 'rw_ios_burst': 1}"); // each of them is slow
            load();
            RecordedEvent event = recorded.poll(60, TimeUnit.SECONDS);
            assertThat(event).isNotNull();
            assertThat(event.getString("bdev")).isEqualTo("ram");
            assertThat(event.getString("type")).isEqualTo("READ");
            assertThat(event.getDuration("total").toNanos()).isGreaterThan(1000);
        }
        long begun = System.nanoTime();
        // A look may come in the middle of them; in one of the two there are more than it tells of.
        while (!daemon.log().contains("more requests were slow in the last second")) {
            assertThat(System.nanoTime() - begun).isLessThan(60_000_000_000L);
            Thread.onSpinWait();
        }
        assertThat(daemon.log()).contains("ram: READ of 1 blocks at 0 took ");
        assertThat(daemon.log()
                        .lines()
                        .filter(line -> line.contains(": READ of "))
                        .count())
                .isLessThan(REQUESTS);
    }

    @Test
    void reactorsTellTheirLongestLoop() throws IOException {
        load();
        JsonNode loops = daemon.call("framework_get_loops", "{'reset': true}");
        long begun = System.nanoTime();
        while (loops.at("/reactors/0/worst/ns").asLong(0) == 0) {
            assertThat(System.nanoTime() - begun).isLessThan(60_000_000_000L);
            loops = daemon.call("framework_get_loops", "{'reset': true}");
        }
        assertThat(loops.path("stall_ns").asLong()).isEqualTo(10_000_000);
        JsonNode reactor = loops.at("/reactors/0");
        assertThat(reactor.path("name").asString()).startsWith("reactor_");
        assertThat(reactor.at("/worst/ns").asLong())
                .isPositive()
                .isGreaterThanOrEqualTo(reactor.at("/recent/ns").asLong());
        assertThat(reactor.at("/worst").propertyNames()).containsExactly("ns", "ran");
        long after =
                daemon.call("framework_get_loops").at("/reactors/0/worst/ns").asLong();
        assertThat(after).isPositive();
    }

    private void enable(String params) throws IOException {
        assertThat(daemon.call("bdev_enable_histogram", params).booleanValue()).isTrue();
    }

    private void load() throws IOException {
        for (int i = 0; i < REQUESTS; i++) {
            assertThat(guest.queue(0).read(0, 512).status()).isZero();
        }
    }
}
