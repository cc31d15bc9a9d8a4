package dev.ringside.env.uring;

import dev.ringside.env.ffi.CExpression;
import dev.ringside.env.linux.Errno;
import dev.ringside.env.linux.EventFd;
import dev.ringside.env.linux.Fd;
import dev.ringside.env.linux.Iovec;
import dev.ringside.env.linux.LinuxException;
import dev.ringside.env.uring.UringLayout.Constants;
import dev.ringside.env.uring.UringLayout.FilesUpdate;
import dev.ringside.env.uring.UringLayout.RsrcRegister;
import dev.ringside.env.uring.UringLayout.RsrcUpdate2;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * An io_uring (io_uring(7)): operations are prepared, submitted together with one system call, and their completions reaped
 * from memory.
 *
 * <p>Owned by one thread, which makes every call but the static ones. Preparing, submitting and reaping allocate nothing.
 * An operation needs {@link #room}. Its addresses are raw: the memory has to stay until the completion, also that of a
 * cancelled one. A thread that sleeps watches {@link #fd} for {@code Epoll.IN}; its next reap finds the completions.
 */
public final class IoUring implements AutoCloseable {
    @CExpression("IORING_OP_NOP")
    public static final int OP_NOP = 0;

    @CExpression("IORING_OP_READV")
    public static final int OP_READV = 1;

    @CExpression("IORING_OP_WRITEV")
    public static final int OP_WRITEV = 2;

    @CExpression("IORING_OP_FSYNC")
    public static final int OP_FSYNC = 3;

    @CExpression("IORING_OP_READ_FIXED")
    public static final int OP_READ_FIXED = 4;

    @CExpression("IORING_OP_WRITE_FIXED")
    public static final int OP_WRITE_FIXED = 5;

    @CExpression("IORING_OP_POLL_ADD")
    public static final int OP_POLL_ADD = 6;

    @CExpression("IORING_OP_ASYNC_CANCEL")
    public static final int OP_ASYNC_CANCEL = 14;

    @CExpression("IORING_OP_FALLOCATE")
    public static final int OP_FALLOCATE = 17;

    @CExpression("IORING_OP_READ")
    public static final int OP_READ = 22;

    @CExpression("IORING_OP_WRITE")
    public static final int OP_WRITE = 23;

    /** For {@link #addFlags}: the descriptor is a slot of {@link #registerFiles}. */
    @CExpression("IOSQE_FIXED_FILE")
    public static final int FIXED_FILE = 0x1;

    /** For {@link #addFlags}: the next operation starts when this one has succeeded. */
    @CExpression("IOSQE_IO_LINK")
    public static final int IO_LINK = 0x4;

    /** For {@link #addFlags}: do not try at once, a kernel thread does it. */
    @CExpression("IOSQE_ASYNC")
    public static final int ASYNC = 0x10;

    /** For writes: complete when the data is on the medium. */
    @CExpression("RWF_DSYNC")
    public static final int RWF_DSYNC = 0x2;

    /** For reads and writes: -EAGAIN rather than waiting. */
    @CExpression("RWF_NOWAIT")
    public static final int RWF_NOWAIT = 0x8;

    private static final int LAGGING = Constants.IORING_SQ_CQ_OVERFLOW | Constants.IORING_SQ_TASKRUN;
    private static final int MAX_ENTRIES = 32768;

    private final Fd fd;
    private final RingMemory memory;
    private final SubmissionQueue submissions;
    private final CompletionQueue completions;

    /**
     * Makes a ring. The completion queue has room for twice as many.
     *
     * @param entries how many operations can wait for a submit, from 1 to 32768, rounded up to a power of two
     * @throws LinuxException EPERM or ENOSYS where there is no io_uring, ENOMEM; the message says what to do
     */
    public IoUring(int entries) throws LinuxException {
        if (entries < 1 || entries > MAX_ENTRIES) {
            throw new IllegalArgumentException("entries is from 1 to " + MAX_ENTRIES + ", not " + entries);
        }
        SetupResult setup = SetupResult.create(entries);
        this.fd = setup.fd();
        try {
            this.memory = RingMemory.map(setup);
        } catch (LinuxException e) {
            fd.close();
            throw e;
        }
        this.submissions = new SubmissionQueue(memory.submissionRing(), memory.submissionEntries(), setup);
        this.completions = new CompletionQueue(memory.completionRing(), setup);
    }

    /** {@return whether this process may use io_uring} */
    public static boolean available() {
        return supports(OP_NOP);
    }

    /**
     * Asks whether the kernel knows an operation.
     *
     * @param opcode OP_*
     */
    public static boolean supports(int opcode) {
        return UringProbe.SUPPORTED.get(opcode);
    }

    // Preparing

    /** {@return how many operations can be prepared now} */
    public int room() {
        return submissions.room();
    }

    /** {@return how many operations can wait for a submit} */
    public int capacity() {
        return submissions.capacity();
    }

    /** {@return how many completions the ring holds; the kernel keeps more aside, which costs} */
    public int completionCapacity() {
        return completions.capacity();
    }

    /**
     * Prepares a pread(2).
     *
     * @param file a descriptor, or a slot with {@link #FIXED_FILE}
     * @param address of the memory
     * @param length in bytes
     * @param fileOffset in bytes
     * @param userData comes back with the completion
     * @throws IllegalStateException when there is no {@link #room}, as for all of these
     */
    public void prepRead(int file, long address, int length, long fileOffset, long userData) {
        submissions.put(OP_READ, file, fileOffset, address, length, 0, userData, 0);
    }

    /** Prepares a pwrite(2); arguments as for {@link #prepRead}. */
    public void prepWrite(int file, long address, int length, long fileOffset, long userData) {
        submissions.put(OP_WRITE, file, fileOffset, address, length, 0, userData, 0);
    }

    /**
     * Prepares a preadv2(2).
     *
     * @param iovecAddress of an array of {@code Iovec}, which has to stay until the completion
     * @param iovecCount how many, at most 1024
     * @param rwFlags 0 or RWF_*
     */
    public void prepReadv(int file, long iovecAddress, int iovecCount, long fileOffset, int rwFlags, long userData) {
        submissions.put(OP_READV, file, fileOffset, iovecAddress, iovecCount, rwFlags, userData, 0);
    }

    /** Prepares a pwritev2(2); arguments as for {@link #prepReadv}. */
    public void prepWritev(int file, long iovecAddress, int iovecCount, long fileOffset, int rwFlags, long userData) {
        submissions.put(OP_WRITEV, file, fileOffset, iovecAddress, iovecCount, rwFlags, userData, 0);
    }

    /**
     * Prepares a pread(2) into a registered buffer.
     *
     * @param bufferIndex a slot of {@link #updateBuffer}; the memory lies inside it
     */
    public void prepReadFixed(int file, long address, int length, long fileOffset, int bufferIndex, long userData) {
        submissions.put(OP_READ_FIXED, file, fileOffset, address, length, 0, userData, bufferIndex);
    }

    /** Prepares a pwrite(2) from a registered buffer; arguments as for {@link #prepReadFixed}. */
    public void prepWriteFixed(int file, long address, int length, long fileOffset, int bufferIndex, long userData) {
        submissions.put(OP_WRITE_FIXED, file, fileOffset, address, length, 0, userData, bufferIndex);
    }

    /**
     * Prepares an fsync(2), which covers what has completed before.
     *
     * @param dataOnly fdatasync(2)
     */
    public void prepFsync(int file, boolean dataOnly, long userData) {
        submissions.put(OP_FSYNC, file, 0, 0, 0, dataOnly ? Constants.IORING_FSYNC_DATASYNC : 0, userData, 0);
    }

    /**
     * Prepares a fallocate(2).
     *
     * @param mode 0 or FALLOC_FL_*
     * @param offset in bytes
     * @param length in bytes
     */
    public void prepFallocate(int file, int mode, long offset, long length, long userData) {
        submissions.put(OP_FALLOCATE, file, offset, length, mode, 0, userData, 0);
    }

    /** Prepares an operation that does nothing but complete. */
    public void prepNop(long userData) {
        submissions.put(OP_NOP, -1, 0, 0, 0, 0, userData, 0);
    }

    /**
     * Prepares one wait until a descriptor is ready; the result is what for.
     *
     * @param events {@code Epoll.IN}, {@code OUT}, ...
     */
    public void prepPollAdd(int file, int events, long userData) {
        submissions.put(OP_POLL_ADD, file, 0, 0, 0, events, userData, 0);
    }

    /**
     * Prepares the cancelling of an operation, whose own completion comes in any case: -ECANCELED, or as if it had not been
     * asked to stop. The result of this one is 0, -ENOENT (none has that user data) or -EALREADY (too late).
     */
    public void prepCancel(long targetUserData, long userData) {
        submissions.put(OP_ASYNC_CANCEL, -1, 0, targetUserData, 0, 0, userData, 0);
    }

    /**
     * Adds flags to the operation that was prepared last.
     *
     * @param flags {@link #FIXED_FILE}, {@link #IO_LINK}, {@link #ASYNC}
     */
    public void addFlags(int flags) {
        submissions.addFlags(flags);
    }

    // Submitting and reaping

    /**
     * Hands over what is prepared, with one system call; without any when there is nothing. Completions that the kernel
     * holds back come with the same call.
     *
     * @return how many the kernel took, or -errno: -EAGAIN (no memory), -EBUSY (reap first). The others go with the next
     *     submit.
     */
    public int submit() {
        int pending = submissions.publish();
        return pending == 0 ? 0 : enter(pending, 0, lagging() ? Constants.IORING_ENTER_GETEVENTS : 0);
    }

    /**
     * Hands over what is prepared, and waits for completions.
     *
     * @param minComplete how many have to be there to reap, at most {@link #completionCapacity}
     * @return as {@link #submit}; a signal may end the wait early
     */
    public int submitAndWait(int minComplete) {
        return enter(submissions.publish(), minComplete, Constants.IORING_ENTER_GETEVENTS);
    }

    /**
     * Hands over completions. Makes no system call unless the kernel says that it holds some back.
     *
     * @param max how many at most
     * @return how many there were
     */
    public int reap(CompletionHandler handler, int max) {
        int done = 0;
        while (true) {
            boolean lagging = lagging();
            if (lagging) {
                enter(0, 0, Constants.IORING_ENTER_GETEVENTS);
            }
            int count = completions.drain(handler, max - done);
            done += count;
            // The kernel moved what it held back as far as there was room, and now there is more.
            if (!lagging || count == 0 || done == max) {
                return done;
            }
        }
    }

    private boolean lagging() {
        return (submissions.flags() & LAGGING) != 0;
    }

    private int enter(int toSubmit, int minComplete, int flags) {
        int result = UringCalls.enter(fd.number(), toSubmit, minComplete, flags);
        return result == -Errno.EINTR ? 0 : result;
    }

    /** {@return the number of the ring's descriptor, readable when there are completions} */
    public int fd() {
        return fd.number();
    }

    // Registering

    /**
     * Makes slots for {@link #updateBuffer}, all of them empty.
     *
     * @param slots how many, from 1 to 16384
     * @throws LinuxException EBUSY when there are some, EINVAL before Linux 5.19, ENOMEM
     */
    public void registerBuffers(int slots) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment table = arena.allocate(RsrcRegister.SIZE, Long.BYTES);
            table.set(ValueLayout.JAVA_INT, RsrcRegister.NR, slots);
            table.set(ValueLayout.JAVA_INT, RsrcRegister.FLAGS, Constants.IORING_RSRC_REGISTER_SPARSE);
            register("registering buffers", Constants.IORING_REGISTER_BUFFERS2, table.address(), RsrcRegister.SIZE);
        }
    }

    /**
     * Pins memory for prepReadFixed and prepWriteFixed. What the slot had before stays pinned until the operations have ended
     * that use it.
     *
     * @param address any, of a length of 0: the slot becomes empty
     * @param length in bytes, at most 1 GiB
     * @throws LinuxException ENXIO or EINVAL when there is no such slot, ENOMEM over the limit of locked memory, EFAULT,
     *     EOPNOTSUPP for memory of a file that is not in memory only
     */
    public void updateBuffer(int slot, long address, long length) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment iovec = arena.allocate(Iovec.SIZE, Long.BYTES);
            Iovec.set(iovec, 0, length == 0 ? 0 : address, length);
            MemorySegment update = arena.allocate(RsrcUpdate2.SIZE, Long.BYTES);
            update.set(ValueLayout.JAVA_INT, RsrcUpdate2.OFFSET, slot);
            update.set(ValueLayout.JAVA_LONG, RsrcUpdate2.DATA, iovec.address());
            update.set(ValueLayout.JAVA_INT, RsrcUpdate2.NR, 1);
            register("updating buffers", Constants.IORING_REGISTER_BUFFERS_UPDATE, update.address(), RsrcUpdate2.SIZE);
        }
    }

    /**
     * Registers descriptors for {@link #FIXED_FILE}: slot i is element i. The ring keeps the files open.
     *
     * @param fds -1 for a slot that is empty until {@link #updateFile}
     * @throws LinuxException EBUSY when there are some, EBADF, EMFILE
     */
    public void registerFiles(int[] fds) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment array = arena.allocateFrom(ValueLayout.JAVA_INT, fds);
            register("registering files", Constants.IORING_REGISTER_FILES, array.address(), fds.length);
        }
    }

    /**
     * Puts another file into a slot.
     *
     * @param file -1 to empty it
     * @throws LinuxException ENXIO when none are registered, EINVAL when there is no such slot, EBADF
     */
    public void updateFile(int slot, int file) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment array = arena.allocateFrom(ValueLayout.JAVA_INT, file);
            MemorySegment update = arena.allocate(FilesUpdate.SIZE, Long.BYTES);
            update.set(ValueLayout.JAVA_INT, FilesUpdate.OFFSET, slot);
            update.set(ValueLayout.JAVA_LONG, FilesUpdate.FDS, array.address());
            register("updating files", Constants.IORING_REGISTER_FILES_UPDATE, update.address(), 1);
        }
    }

    /**
     * Empties all slots.
     *
     * @throws LinuxException ENXIO when there are none
     */
    public void unregisterFiles() throws LinuxException {
        register("unregistering files", Constants.IORING_UNREGISTER_FILES, 0, 0);
    }

    /**
     * Signals an eventfd with each completion.
     *
     * @throws LinuxException EBUSY when there is one already
     */
    public void registerEventFd(EventFd eventFd) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment number = arena.allocateFrom(ValueLayout.JAVA_INT, eventFd.number());
            register("registering an eventfd", Constants.IORING_REGISTER_EVENTFD, number.address(), 1);
        }
    }

    private void register(String what, int operation, long argument, int count) throws LinuxException {
        int result = UringCalls.register(fd.number(), operation, argument, count);
        if (result < 0) {
            throw new LinuxException("io_uring_register", what, -result);
        }
    }

    /**
     * Closes the ring. Operations in flight are cancelled some time later, by the kernel: reap them all first, since until
     * then they may write to their memory.
     */
    @Override
    public void close() {
        fd.close();
        memory.close();
    }
}
