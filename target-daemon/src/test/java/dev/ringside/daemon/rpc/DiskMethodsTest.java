package dev.ringside.daemon.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ringside.daemon.RunningDaemon;
import dev.ringside.rpc.error.RpcException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class DiskMethodsTest {
    private static final String UUID = "6b8ff4f3-4b5f-4f3c-9d6a-2f6a4a1f6c11";

    private RunningDaemon daemon;

    @BeforeEach
    void start() throws Exception {
        daemon = RunningDaemon.start();
    }

    @AfterEach
    void stop() throws IOException {
        daemon.close();
    }

    @Test
    void aMallocDiskIsDescribedAsClientsExpect() throws IOException {
        JsonNode name = daemon.call(
                "bdev_malloc_create",
                "{'num_blocks': 2048, 'block_size': 512, 'name': 'ram', 'uuid': '" + UUID
                        + "', 'physical_block_size': 4096, 'optimal_io_boundary': 64}");

        assertThat(name.stringValue()).isEqualTo("ram");
        JsonNode bdevs = daemon.call("bdev_get_bdevs", "{'name': 'ram'}");
        assertThat(bdevs).isEqualTo(RunningDaemon.json("""
                [{'name': 'ram', 'aliases': ['%s'], 'product_name': 'Malloc disk', 'block_size': 512, 'num_blocks': 2048,
                  'uuid': '%s',
                  'assigned_rate_limits': {'rw_ios_per_sec': 0, 'rw_mbytes_per_sec': 0, 'r_mbytes_per_sec': 0,
                    'w_mbytes_per_sec': 0},
                  'claimed': false, 'zoned': false,
                  'supported_io_types': {'read': true, 'write': true, 'verify': false, 'flush': true, 'unmap': true, 'write_zeroes': true, 'secure_erase': true,
                    'reset': true, 'nvme_admin': false, 'nvme_io': false, 'nvme_io_md': false, 'zcopy': false,
                    'get_zone_info': false, 'zone_management': false, 'zone_append': false, 'compare': false,
                    'compare_and_write': false, 'abort': false, 'seek_hole': false, 'seek_data': false, 'copy': true,
                    'nvme_iov_md': false},
                  'driver_specific': {}}]
                """.formatted(UUID, UUID)));
    }

    @Test
    void mallocDisksAreNamedForTheOperator() throws IOException {
        String plain = "{'num_blocks': 8, 'block_size': 512}";
        daemon.call("bdev_malloc_create", "{'num_blocks': 8, 'block_size': 512, 'name': 'Malloc1'}");

        assertThat(daemon.call("bdev_malloc_create", plain).stringValue()).isEqualTo("Malloc0");
        assertThat(daemon.call("bdev_malloc_create", plain).stringValue()).isEqualTo("Malloc2");
    }

    @Test
    void whatRpcPyAlwaysSendsIsTaken() throws IOException {
        daemon.call(
                "bdev_malloc_create",
                "{'num_blocks': 8, 'block_size': 512, 'md_interleave': false, 'dif_is_head_of_md': false}");
        daemon.call(
                "bdev_null_create",
                "{'name': 'n', 'num_blocks': 8, 'block_size': 512, 'dif_is_head_of_md': false, 'md_size': 0, 'dif_type': 0}");

        assertThat(daemon.refusal("bdev_malloc_create", "{'num_blocks': 8, 'block_size': 512, 'md_interleave': true}"))
                .hasMessageContaining("'md_interleave' must be false")
                .extracting(RpcException::code)
                .isEqualTo(-32602);
        assertThat(daemon.refusal("bdev_malloc_create", "{'num_blocks': 8, 'block_size': 512, 'md_size': 8}"))
                .hasMessageContaining("md_size");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'block_size': 512}",
                "{'num_blocks': 0, 'block_size': 512}",
                "{'num_blocks': -1, 'block_size': 512}",
                "{'num_blocks': 8, 'block_size': 511}",
                "{'num_blocks': 8, 'block_size': '512'}",
                "{'num_blocks': 8, 'block_size': 512, 'name': ''}",
                "{'num_blocks': 8, 'block_size': 512, 'uuid': 'x'}",
                "{'num_blocks': 8, 'block_size': 512, 'size': 1}",
                "[8, 512]"
            })
    void parametersThatAreNotAllowedAreRefused(String params) {
        assertThat(daemon.refusal("bdev_malloc_create", params).code()).isEqualTo(-32602);
    }

    @Test
    void impossibleDisksAreRefusedWithAnErrno() throws IOException {
        assertThat(daemon.refusal("bdev_malloc_create", "{'num_blocks': 8, 'block_size': 1000}"))
                .hasMessageStartingWith("Invalid argument: ")
                .extracting(RpcException::code)
                .isEqualTo(-22);
        assertThat(daemon.refusal("bdev_malloc_create", "{'num_blocks': 1099511627776, 'block_size': 4096}"))
                .hasMessageStartingWith("Cannot allocate memory: ")
                .extracting(RpcException::code)
                .isEqualTo(-12);
        daemon.call("bdev_malloc_create", "{'num_blocks': 8, 'block_size': 512, 'name': 'a', 'uuid': '" + UUID + "'}");
        for (String taken : new String[] {"'name': 'a'", "'name': 'b', 'uuid': '" + UUID + "'"}) {
            assertThat(daemon.refusal("bdev_malloc_create", "{'num_blocks': 8, 'block_size': 512, " + taken + "}"))
                    .hasMessageStartingWith("File exists: ")
                    .extracting(RpcException::code)
                    .isEqualTo(-17);
        }
    }

    @Test
    void disksAreDeletedByTheMethodOfTheirKind() throws IOException {
        daemon.call("bdev_malloc_create", "{'num_blocks': 8, 'block_size': 512, 'name': 'a', 'uuid': '" + UUID + "'}");

        assertThat(daemon.refusal("bdev_null_delete", "{'name': 'a'}").code()).isEqualTo(-19);
        assertThat(daemon.refusal("bdev_malloc_delete", "{'name': 'b'}"))
                .hasMessageStartingWith("No such device: ")
                .extracting(RpcException::code)
                .isEqualTo(-19);
        assertThat(daemon.call("bdev_malloc_delete", "{'name': '" + UUID + "'}").booleanValue())
                .isTrue();
        assertThat(daemon.call("bdev_get_bdevs").size()).isZero();
        assertThat(daemon.refusal("bdev_get_bdevs", "{'name': 'a'}").code()).isEqualTo(-19);
    }

    @Test
    void nullDisksGrow() throws IOException {
        assertThat(daemon.call("bdev_null_create", "{'name': 'n', 'num_blocks': 256, 'block_size': 4096}")
                        .stringValue())
                .isEqualTo("n");

        assertThat(daemon.call("bdev_null_resize", "{'name': 'n', 'new_size': 2}")
                        .booleanValue())
                .isTrue();
        assertThat(bdev("n").path("num_blocks").asInt()).isEqualTo(512);
        assertThat(bdev("n").path("product_name").asString()).isEqualTo("Null disk");
        assertThat(daemon.refusal("bdev_null_resize", "{'name': 'n', 'new_size': 1}")
                        .code())
                .isEqualTo(-22);
        assertThat(daemon.refusal("bdev_null_resize", "{'name': 'm', 'new_size': 1}")
                        .code())
                .isEqualTo(-19);
        assertThat(daemon.refusal(
                                "bdev_null_create",
                                "{'name': 'o', 'num_blocks': 8, 'block_size': 512, 'physical_block_size': 4096}")
                        .code())
                .isEqualTo(-32602);
        assertThat(daemon.call("bdev_null_delete", "{'name': 'n'}").booleanValue())
                .isTrue();
    }

    @Test
    void mallocDisksAreMadeLargerAndSmaller() throws IOException {
        daemon.call("bdev_malloc_create", "{'name': 'ram', 'num_blocks': 256, 'block_size': 4096}");

        for (int mebibytes : new int[] {3, 2}) {
            assertThat(daemon.call("bdev_malloc_resize", "{'name': 'ram', 'new_size': " + mebibytes + "}")
                            .booleanValue())
                    .isTrue();
            assertThat(bdev("ram").path("num_blocks").asInt()).isEqualTo(mebibytes * 256);
        }
        assertThat(daemon.refusal("bdev_malloc_resize", "{'name': 'x', 'new_size': 1}")
                        .code())
                .isEqualTo(-19);
    }

    @Test
    void aFileIsSharedByThoseWhoAllSaySo() throws IOException {
        String params = "'filename': '" + file(1 << 20) + "', 'block_size': 512";
        daemon.call("bdev_aio_create", "{'name': 'f', " + params + ", 'shared': true}");
        daemon.call("bdev_uring_create", "{'name': 'g', " + params + ", 'shared': true}");

        assertThat(daemon.refusal("bdev_aio_create", "{'name': 'h', " + params + "}")
                        .code())
                .isEqualTo(-16);
    }

    @ParameterizedTest
    @ValueSource(strings = {"aio", "uring"})
    void filesAreDisksAndGrow(String kind) throws IOException {
        Path file = file(1 << 20);
        String create = "bdev_" + kind + "_create";
        daemon.call(create, "{'name': 'f', 'filename': '" + file + "', 'block_size': 512}");

        assertThat(bdev("f").path("num_blocks").asInt()).isEqualTo(2048);
        assertThat(bdev("f").path("product_name").asString()).isEqualTo(kind.equals("aio") ? "AIO disk" : "URING bdev");
        assertThat(bdev("f").at("/driver_specific/" + kind + "/filename").asString())
                .isEqualTo(file.toString());
        assertThat(bdev("f").at("/supported_io_types/write_zeroes").asBoolean()).isEqualTo(kind.equals("uring"));
        assertThat(daemon.refusal(create, "{'name': 'g', 'filename': '" + file + "'}"))
                .hasMessageStartingWith("Device or resource busy: ")
                .extracting(RpcException::code)
                .isEqualTo(-16);
        try (RandomAccessFile longer = new RandomAccessFile(file.toFile(), "rw")) {
            longer.setLength(2 << 20);
        }
        assertThat(daemon.call("bdev_" + kind + "_rescan", "{'name': 'f'}").booleanValue())
                .isTrue();
        assertThat(bdev("f").path("num_blocks").asInt()).isEqualTo(4096);
        assertThat(daemon.refusal("bdev_" + kind + "_rescan", "{'name': 'x'}").code())
                .isEqualTo(-19);
        assertThat(daemon.call("bdev_" + kind + "_delete", "{'name': 'f'}").booleanValue())
                .isTrue();
        assertThat(daemon.refusal("bdev_" + kind + "_delete", "{'name': 'f'}").code())
                .isEqualTo(-19);
    }

    /** So that a daemon that is started elsewhere finds the same file. */
    @ParameterizedTest
    @ValueSource(strings = {"aio", "uring"})
    void aRelativePathIsKeptAsAnAbsoluteOne(String kind) throws IOException {
        Path file = file(1 << 20);
        Path relative = Path.of("").toAbsolutePath().relativize(file);
        assertThat(relative).isRelative();
        String create = "bdev_" + kind + "_create";
        daemon.call(create, "{'name': 'f', 'filename': '" + relative + "'}");
        Path kept = Path.of(daemon.call("framework_get_config", "{'name': 'bdev'}")
                .at("/0/params/filename")
                .asString());
        assertThat(kept).isAbsolute();
        assertThat(Files.isSameFile(kept, file)).isTrue();
        String uuid = bdev("f").path("uuid").asString();
        daemon.call("bdev_" + kind + "_delete", "{'name': 'f'}");
        daemon.call(create, "{'name': 'f', 'filename': '" + file + "'}");
        assertThat(bdev("f").path("uuid").asString()).isEqualTo(uuid);
    }

    /** A configuration without UUIDs is loaded at each start; what a guest goes by must not change. */
    @Test
    void whatOutlivesTheDaemonIsKnownByTheSameUuidAgain() throws IOException {
        String file = "'filename': '" + file(1 << 20) + "', 'block_size': 512, 'shared': true}";
        String[] disks = {
            "bdev_aio_create", "{'name': 'f', " + file,
            "bdev_aio_create", "{'name': 'g', " + file,
            "bdev_passthru_create", "{'name': 'p', 'base_bdev_name': 'f'}",
            "bdev_error_create", "{'base_name': 'p'}",
            "bdev_malloc_create", "{'name': 'ram', 'num_blocks': 8, 'block_size': 512}"
        };
        List<List<String>> starts = new ArrayList<>();
        for (int start = 0; start < 2; start++) {
            for (int i = 0; i < disks.length; i += 2) {
                daemon.call(disks[i], disks[i + 1]);
            }
            List<String> uuids = new ArrayList<>();
            for (String name : List.of("f", "g", "p", "EE_p", "ram")) {
                uuids.add(bdev(name).path("uuid").asString());
            }
            assertThat(uuids).doesNotHaveDuplicates();
            starts.add(uuids);
            daemon.call("bdev_error_delete", "{'name': 'EE_p'}");
            daemon.call("bdev_passthru_delete", "{'name': 'p'}");
            daemon.call("bdev_aio_delete", "{'name': 'f'}");
            daemon.call("bdev_aio_delete", "{'name': 'g'}");
            daemon.call("bdev_malloc_delete", "{'name': 'ram'}");
        }
        assertThat(starts.get(1).subList(0, 4)).isEqualTo(starts.get(0).subList(0, 4));
        assertThat(starts.get(1).get(4))
                .as("a RAM disk that is made again is another one")
                .isNotEqualTo(starts.get(0).get(4));
    }

    @Test
    void filesThatCannotBeDisksAreRefused() throws IOException {
        assertThat(daemon.refusal("bdev_aio_create", "{'name': 'f', 'filename': '/nonexistent/file'}"))
                .hasMessageStartingWith("No such file or directory: ")
                .extracting(RpcException::code)
                .isEqualTo(-2);
        assertThat(daemon.refusal("bdev_uring_create", "{'name': 'f', 'filename': '/dev/null'}")
                        .code())
                .isEqualTo(-22);
        Path file = file(1 << 20);
        assertThat(daemon.refusal("bdev_aio_create", "{'name': 'f', 'filename': '" + file + "', 'nowait': true}")
                        .code())
                .isEqualTo(-32602);
        daemon.call(
                "bdev_aio_create",
                "{'name': 'f', 'filename': '" + file + "', 'readonly': true, 'fallocate': false, 'nowait': false}");
        assertThat(bdev("f").at("/driver_specific/aio/readonly").asBoolean()).isTrue();
    }

    private Path file(long bytes) throws IOException {
        Path file = daemon.directory().resolve("disk.img");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(bytes);
        }
        assertThat(Files.size(file)).isEqualTo(bytes);
        return file;
    }

    private JsonNode bdev(String name) throws IOException {
        return daemon.call("bdev_get_bdevs", "{'name': '" + name + "'}").path(0);
    }
}
