package dev.ringside.env.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Locale;

/**
 * The kernel's door: libc's {@code syscall(2)}. Six words go in, and what comes out is the kernel's own convention, a result or
 * -errno, whatever the call.
 *
 * <p>Calls go by number because some that we need have no wrapper in the C libraries in use (io_uring_*, epoll_pwait2).
 * The numbers and the structures are those of x86-64; a test compares them with the C headers.
 */
public final class SystemCall {
    private static final long ERRNO_OFFSET =
            Linker.Option.captureStateLayout().byteOffset(MemoryLayout.PathElement.groupElement("errno"));

    /** Only the number has a parameter of its own. */
    private static final Linker.Option VARIADIC = Linker.Option.firstVariadicArg(1);

    private static final MethodHandle SYSCALL = linkSyscall(VARIADIC, Linker.Option.captureCallState("errno"));

    /**
     * Keeps no errno: the JDK makes a slice of the memory that it is to be kept in with each call, which the compiler can do
     * without only in a program that has never sliced a mapped file, say.
     */
    private static final MethodHandle WITHOUT_ERRNO = linkSyscall(VARIADIC);

    /** Where a thread's calls leave errno. */
    private static final ThreadLocal<MemorySegment> CAPTURED =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(Linker.Option.captureStateLayout()));

    /** Linked when something first fails: each link delays the start by milliseconds. */
    private static final class Texts {
        static final MethodHandle STRERROR = link("strerror", FunctionDescriptor.of(ADDRESS, JAVA_INT));
    }

    private SystemCall() {}

    /**
     * Makes a system call.
     *
     * @param number the call ({@code SYS_*})
     * @return its result, or -errno
     */
    public static long invoke(long number, long a, long b, long c, long d, long e, long f) {
        MemorySegment captured = CAPTURED.get();
        try {
            long result = (long) SYSCALL.invokeExact(captured, number, a, b, c, d, e, f);
            return result == -1 ? -captured.get(JAVA_INT, ERRNO_OFFSET) : result;
        } catch (Throwable t) {
            throw notMade(number, t);
        }
    }

    /**
     * Makes a system call, and allocates nothing.
     *
     * @param number the call ({@code SYS_*})
     * @return its result, or -1, whatever it failed of
     */
    public static long tryInvoke(long number, long a, long b, long c, long d, long e, long f) {
        try {
            return (long) WITHOUT_ERRNO.invokeExact(number, a, b, c, d, e, f);
        } catch (Throwable t) {
            throw notMade(number, t);
        }
    }

    /**
     * Makes a system call that has done nothing when it fails: it is made again then, to learn why. Allocates nothing unless it
     * fails.
     *
     * @param number the call ({@code SYS_*})
     * @return its result, or -errno
     */
    public static long invokeAgainToFail(long number, long a, long b, long c, long d, long e, long f) {
        long result = tryInvoke(number, a, b, c, d, e, f);
        return result == -1 ? invoke(number, a, b, c, d, e, f) : result;
    }

    private static Error notMade(long number, Throwable cause) {
        if (cause instanceof InternalError fault) {
            // Of mapped memory, see MemoryFault: no defect of the call.
            return fault;
        }
        return new AssertionError("system call " + number + " could not be made", cause);
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

    private static MethodHandle linkSyscall(Linker.Option... options) {
        String os = System.getProperty("os.name", "");
        String arch = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
        if (!os.equals("Linux") || !(arch.equals("amd64") || arch.equals("x86_64"))) {
            throw new UnsupportedOperationException("Ringside runs on Linux on x86-64; this is " + os + " on " + arch);
        }
        return link(
                "syscall",
                FunctionDescriptor.of(
                        JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
                options);
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
