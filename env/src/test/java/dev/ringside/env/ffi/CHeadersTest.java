package dev.ringside.env.ffi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Compares every constant, size and offset that comes from C with the headers on this machine, by compiling a C program that
 * prints them. A number that says neither what it is in C nor that it is ours fails.
 */
class CHeadersTest {
    private static final List<String> PACKAGES = List.of("ffi", "linux", "uring", "vfio");

    private static final List<String> HEADERS = List.of(
            "errno.h",
            "fcntl.h",
            "linux/falloc.h",
            "linux/fs.h",
            "linux/io_uring.h",
            "linux/mman.h",
            "linux/pci_regs.h",
            "linux/time_types.h",
            "linux/vfio.h",
            "stddef.h",
            "stdio.h",
            "sys/epoll.h",
            "sys/eventfd.h",
            "sys/file.h",
            "sys/mman.h",
            "sys/socket.h",
            "sys/stat.h",
            "sys/syscall.h",
            "sys/time.h",
            "sys/uio.h",
            "sys/un.h");

    /**
     * What headers that are older than iommufd (6.2) and than VFIO's use of it (6.6) lack. Where a machine has them, theirs are
     * compared.
     */
    private static final String IOMMUFD = """
            #if __has_include(<linux/iommufd.h>)
            #include <linux/iommufd.h>
            #else
            #define IOMMU_IOAS_ALLOC _IO(';', 0x81)
            #define IOMMU_IOAS_IOVA_RANGES _IO(';', 0x84)
            #define IOMMU_IOAS_MAP _IO(';', 0x85)
            #define IOMMU_IOAS_UNMAP _IO(';', 0x86)
            enum { IOMMU_IOAS_MAP_FIXED_IOVA = 1, IOMMU_IOAS_MAP_WRITEABLE = 2, IOMMU_IOAS_MAP_READABLE = 4 };
            struct iommu_ioas_alloc { __u32 size, flags, out_ioas_id; };
            struct iommu_ioas_iova_ranges {
                __u32 size, ioas_id, num_iovas, reserved;
                __u64 allowed_iovas, out_iova_alignment;
            };
            struct iommu_ioas_map {
                __u32 size, flags, ioas_id, reserved;
                __u64 user_va, length, iova;
            };
            struct iommu_ioas_unmap { __u32 size, ioas_id; __u64 iova, length; };
            #endif
            #ifndef VFIO_DEVICE_BIND_IOMMUFD
            #define VFIO_DEVICE_BIND_IOMMUFD _IO(VFIO_TYPE, VFIO_BASE + 18)
            #define VFIO_DEVICE_ATTACH_IOMMUFD_PT _IO(VFIO_TYPE, VFIO_BASE + 19)
            struct vfio_device_bind_iommufd { __u32 argsz, flags; __s32 iommufd; __u32 out_devid; };
            struct vfio_device_attach_iommufd_pt { __u32 argsz, flags, pt_id; };
            #endif
            """;

    /** Numbers that do not come from C: our own choices, what is computed from others, and field numbers of proc(5). */
    private static final Set<String> OURS = Set.of(
            "SystemCall.ERRNO_OFFSET",
            "CpuSet.LIMIT",
            "CpuSet.MASK_BYTES",
            "Epoll.NANOS_PER_SECOND",
            "EventFd.COUNT",
            "EventFd.ONE",
            "Fd.CLOSED",
            "LinuxException.serialVersionUID",
            "LinuxFile.SMALLEST_BLOCK",
            "Mapping.HUGE_PAGE",
            "Mapping.NEVER",
            "Mapping.SMALL_PAGE",
            "ReadWait.INTERRUPTED",
            "ServiceNotice.ABSTRACT",
            "SharedMemory.HUGE_PAGE",
            "SharedMemory.SMALL_PAGE",
            "SocketMessage.CONTROL_ROOM",
            "SocketMessage.MAX_FDS", // SCM_MAX_FD is not in the headers; SocketTest sends as many, and one more
            "ThreadCpu.FIRST_FIELD",
            "ThreadCpu.NANOS_PER_TICK",
            "ThreadCpu.STIME",
            "ThreadCpu.UTIME",
            "UnixAddress.MAX_PATH",
            "UnixConnection.MAX_FDS",
            "UnixListener.BACKLOG",
            "IommufdSpace.MAX_RANGES",
            "IommufdSpace.SMALL_PAGE",
            "NoIommufdException.serialVersionUID",
            "IoUring.LAGGING",
            "IoUring.MAX_ENTRIES",
            "UringProbe.MAX_OPS",
            "Type1Iommu.INFO_BYTES",
            "Type1Iommu.SMALL_PAGE",
            "VfioFunction.DEVICE_INFO_BYTES");

    @TempDir
    Path folder;

    private record Row(String field, String expression, long value, boolean isLong) {
        boolean agrees(long inC) {
            // C has some of these as unsigned; the bits are what counts.
            return isLong ? inC == value : (int) inC == (int) value && inC >= Integer.MIN_VALUE && inC >> 32 <= 0;
        }
    }

    @Test
    void everyNumberSaysWhatItIsInC() {
        List<String> unexplained = new ArrayList<>();
        for (Field field : numbers()) {
            if (expression(field) == null && !OURS.contains(name(field))) {
                unexplained.add(name(field));
            }
        }
        assertThat(unexplained)
                .as("constants without @CStruct, @CConstants or @CExpression (or a place in the list of our own)")
                .isEmpty();
    }

    @Test
    void theNumbersAreThoseOfTheHeaders() throws Exception {
        List<Row> rows = rows();
        assertThat(rows).hasSizeGreaterThan(200);
        List<Long> values = compileAndRun(rows);
        TreeMap<String, String> wrong = new TreeMap<>();
        for (int i = 0; i < rows.size(); i++) {
            Row row = rows.get(i);
            if (!row.agrees(values.get(i))) {
                wrong.put(row.field, row.value + " here, but " + row.expression + " is " + values.get(i));
            }
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void aWrongNumberIsSeen() throws Exception {
        Row wrong = new Row("Test.WRONG", "sizeof(struct epoll_event)", 16, false);
        assertThat(wrong.agrees(compileAndRun(List.of(wrong)).getFirst())).isFalse();
    }

    private List<Long> compileAndRun(List<Row> rows) throws Exception {
        StringBuilder program = new StringBuilder("#define _GNU_SOURCE\n");
        HEADERS.forEach(header -> program.append("#include <").append(header).append(">\n"));
        program.append(IOMMUFD);
        program.append("int main(void) {\n");
        for (Row row : rows) {
            program.append("printf(\"%lld\\n\", (long long) (")
                    .append(row.expression)
                    .append("));\n");
        }
        program.append("return 0; }\n");
        Path source = Files.writeString(folder.resolve("numbers.c"), program);
        Path binary = folder.resolve("numbers");
        try {
            run("gcc", "-o", binary.toString(), source.toString());
        } catch (IOException e) {
            return fail("This test compares with the C headers and needs: apt-get install gcc libc6-dev", e);
        }
        return run(binary.toString()).lines().map(Long::valueOf).toList();
    }

    private String run(String... command) throws IOException, InterruptedException {
        Path output = folder.resolve("output");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(process.waitFor())
                .as(() -> String.join(" ", command) + " (a header may be missing: apt-get install gcc libc6-dev)\n"
                        + text(output))
                .isZero();
        return text(output);
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Row> rows() throws IllegalAccessException {
        List<Row> rows = new ArrayList<>();
        for (Field field : numbers()) {
            String expression = expression(field);
            if (expression != null) {
                field.setAccessible(true);
                boolean isLong = field.getType() == long.class;
                rows.add(new Row(name(field), expression, ((Number) field.get(null)).longValue(), isLong));
            }
        }
        return rows;
    }

    private static @Nullable String expression(Field field) {
        Class<?> type = field.getDeclaringClass();
        CExpression expression = field.getAnnotation(CExpression.class);
        if (expression != null) {
            return expression.value();
        }
        if (type.isAnnotationPresent(CConstants.class)) {
            return field.getName();
        }
        CStruct struct = type.getAnnotation(CStruct.class);
        if (struct == null) {
            return null;
        }
        return field.getName().equals("SIZE")
                ? "sizeof(" + struct.value() + ")"
                : "offsetof(" + struct.value() + ", " + field.getName().toLowerCase(Locale.ROOT) + ")";
    }

    private static String name(Field field) {
        return field.getDeclaringClass().getSimpleName() + "." + field.getName();
    }

    /** All constants of a number's type, also private ones, in all classes of the packages. */
    private static List<Field> numbers() {
        return classes().stream()
                .flatMap(type -> Arrays.stream(type.getDeclaredFields()))
                .filter(field -> Modifier.isStatic(field.getModifiers()) && Modifier.isFinal(field.getModifiers()))
                .filter(field -> field.getType().isPrimitive() && field.getType() != boolean.class)
                .toList();
    }

    private static List<Class<?>> classes() {
        List<Class<?>> classes = new ArrayList<>();
        for (String name : PACKAGES) {
            try (Stream<Path> files =
                    Files.list(classFolder().resolve("dev/ringside/env").resolve(name))) {
                for (Path file :
                        files.filter(f -> f.toString().endsWith(".class")).toList()) {
                    String simple = file.getFileName().toString().replace(".class", "");
                    if (!simple.equals("package-info")) {
                        classes.add(Class.forName("dev.ringside.env." + name + "." + simple));
                    }
                }
            } catch (IOException | ClassNotFoundException e) {
                throw new AssertionError(e);
            }
        }
        return classes;
    }

    private static Path classFolder() {
        try {
            return Path.of(SystemCall.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }
}
