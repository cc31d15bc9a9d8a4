package dev.ringside.env.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Locale;

/**
 * The kernel's door: libc's {@code syscall(2)} through one handle. Six words go in, and what comes out is the kernel's own
 * convention, a result or -errno, whatever the call. Nothing is allocated.
 *
 * <p>Calls go by number because some that we need have no wrapper in the C libraries in use (io_uring_*, epoll_pwait2).
 * The numbers and the structures are those of x86-64; a test compares them with the C headers.
 */
public final class SystemCall {
    static final long ERRNO_OFFSET =
            Linker.Option.captureStateLayout().byteOffset(MemoryLayout.PathElement.groupElement("errno"));

    private static final MethodHandle SYSCALL = linkSyscall();

    /** Linked when something first fails: each link delays the start by milliseconds. */
    private static final class Texts {
        static final MethodHandle STRERROR = link("strerror", FunctionDescriptor.of(ADDRESS, JAVA_INT));
    }

    private SystemCall() {}

    /**
     * Makes a system call.
     *
     * @param state where errno goes; not shared with a thread that may call at the same time
     * @param number the call ({@code SYS_*})
     * @return its result, or -errno
     */
    public static long invoke(CallState state, long number, long a, long b, long c, long d, long e, long f) {
        long result;
        try {
            result = (long) SYSCALL.invokeExact(state.captured(), number, a, b, c, d, e, f);
        } catch (InternalError fault) {
            // Of mapped memory, see MemoryFault: no defect of the call.
            throw fault;
        } catch (Throwable t) {
            throw new AssertionError("system call " + number + " could not be made", t);
        }
        return result == -1 ? -state.errno() : result;
    }

    /** {@return the C library's text for an errno} */
    public static String strerror(int errno) {
        try {
            MemorySegment text = (MemorySegment) Texts.STRERROR.invokeExact(errno);
            return text.reinterpret(Integer.MAX_VALUE).getString(0);
        } catch (Throwable t) {
            throw new AssertionError("strerror could not be called", t);
        }
    }

    private static MethodHandle linkSyscall() {
        String os = System.getProperty("os.name", "");
        String arch = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
        if (!os.equals("Linux") || !(arch.equals("amd64") || arch.equals("x86_64"))) {
            throw new UnsupportedOperationException("Ringside runs on Linux on x86-64; this is " + os + " on " + arch);
        }
        return link(
                "syscall",
                FunctionDescriptor.of(
                        JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
                Linker.Option.firstVariadicArg(1),
                Linker.Option.captureCallState("errno"));
    }

    private static MethodHandle link(String name, FunctionDescriptor signature, Linker.Option... options) {
        try {
            Linker linker = Linker.nativeLinker();
            return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), signature, options);
        } catch (IllegalCallerException e) {
            Module module = SystemCall.class.getModule();
            throw new IllegalStateException(
                    "Ringside reaches the kernel through native access, which is off: start java with"
                            + " --enable-native-access="
                            + (module.isNamed() ? module.getName() : "ALL-UNNAMED"),
                    e);
        }
    }
}
