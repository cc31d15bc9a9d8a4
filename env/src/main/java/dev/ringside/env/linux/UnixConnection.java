package dev.ringside.env.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One end of a UNIX stream connection, with descriptor passing (unix(7), SCM_RIGHTS).
 *
 * <p>One thread receives; any may send, and each message goes whole. Any thread may close: a call that is blocked meanwhile
 * returns, and the descriptor's number is not given to another file before it has. The usual order still is
 * {@link #shutdown} from outside, then {@link #close} by the thread that receives, which so learns why it stopped.
 */
public final class UnixConnection implements AutoCloseable {
    /** The most descriptors that one message can carry. */
    public static final int MAX_FDS = SocketMessage.MAX_FDS;

    private final Fd fd;
    private final ReentrantLock sending = new ReentrantLock();

    private UnixConnection(Fd fd) {
        this.fd = fd;
    }

    /** Who is at the other end, as of when the connection was made: process, user and group. */
    public record PeerCredentials(int pid, int uid, int gid) {}

    /**
     * Connects to a socket's file.
     *
     * @param path at most 107 bytes
     * @throws LinuxException ENOENT, ECONNREFUSED (nobody listens), EACCES
     * @throws IllegalArgumentException when the path is too long
     */
    public static UnixConnection connect(Path path) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            UnixAddress address = UnixAddress.of(arena, path);
            Fd fd = UnixAddress.socket();
            int result;
            do {
                result = Kernel.connect(fd.number(), address.address(), SockaddrUn.SIZE);
            } while (result == -Errno.EINTR);
            if (result < 0) {
                fd.close();
                throw new LinuxException("connect", path.toString(), -result);
            }
            return new UnixConnection(fd);
        }
    }

    /**
     * Makes two ends of one connection.
     *
     * @throws LinuxException EMFILE
     */
    public static UnixConnection[] pair() throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pair = arena.allocate(2L * Integer.BYTES, Integer.BYTES);
            int type = Sockets.SOCK_STREAM | Sockets.SOCK_CLOEXEC;
            Kernel.check("socketpair", Kernel.socketpair(Sockets.AF_UNIX, type, pair.address()));
            return new UnixConnection[] {
                new UnixConnection(Fd.adopt(pair.get(JAVA_INT, 0))),
                new UnixConnection(Fd.adopt(pair.get(JAVA_INT, Integer.BYTES)))
            };
        }
    }

    /**
     * Takes over the descriptor of a connected socket, such as one that another process sent.
     *
     * @param fd closed with this object
     */
    public static UnixConnection adopt(Fd fd) {
        return new UnixConnection(fd);
    }

    /**
     * Waits for data and takes what is there, with one recvmsg(2).
     *
     * @param buffer native memory, which the caller keeps alive during the call
     * @param offset into the buffer
     * @param length the most to take, in bytes, at least 1
     * @param fdsOut receives the descriptors that came, at most {@link #MAX_FDS}, close-on-exec; the caller's to close, also
     *     when a later call fails
     * @return how many bytes came; 0 is the end of the stream
     * @throws LinuxException EAGAIN after the receive time-out, ECONNRESET, EBADF when closed; EMSGSIZE when descriptors were
     *     lost (this process has too many open): those that came are closed
     */
    public int receive(MemorySegment buffer, long offset, long length, List<Fd> fdsOut) throws LinuxException {
        long address = requireBytes(buffer, offset, length);
        fd.hold("recvmsg");
        try (Arena arena = Arena.ofConfined()) {
            SocketMessage message = new SocketMessage(arena, address, length);
            long result;
            do {
                message.expectControl();
                result = Kernel.recvmsg(fd.held(), message.address(), Sockets.MSG_CMSG_CLOEXEC);
            } while (result == -Errno.EINTR);
            Kernel.check("recvmsg", result);
            List<Fd> fds = message.received();
            if (message.controlTruncated()) {
                fds.forEach(Fd::close);
                throw new LinuxException(
                        "recvmsg",
                        "",
                        Errno.EMSGSIZE,
                        "descriptors were lost on the way, is the limit of open files reached?");
            }
            fdsOut.addAll(fds);
            return (int) result;
        } finally {
            fd.release();
        }
    }

    /**
     * Sends a message with one sendmsg(2), and with more only if the kernel took a part. The descriptors go with the first
     * byte.
     *
     * @param buffer native memory, which the caller keeps alive during the call
     * @param offset into the buffer
     * @param length in bytes, at least 1
     * @param fds open descriptors, at most {@link #MAX_FDS}; they stay the caller's
     * @throws LinuxException EPIPE when the other end is closed, EBADF when this one is; EAGAIN after the send time-out: the
     *     stream is broken then, since a part may have gone
     */
    public void send(MemorySegment buffer, long offset, long length, List<Fd> fds) throws LinuxException {
        long address = requireBytes(buffer, offset, length);
        if (fds.size() > MAX_FDS) {
            throw new IllegalArgumentException(
                    "one message carries at most " + MAX_FDS + " descriptors, not " + fds.size());
        }
        fd.hold("sendmsg");
        sending.lock();
        try (Arena arena = Arena.ofConfined()) {
            SocketMessage message = new SocketMessage(arena, address, length);
            message.attach(fds);
            long done = 0;
            while (done < length) {
                message.payload(address + done, length - done);
                long result = Kernel.sendmsg(fd.held(), message.address(), Sockets.MSG_NOSIGNAL);
                if (result != -Errno.EINTR) {
                    done += Kernel.check("sendmsg", result);
                    message.attach(List.of());
                }
            }
        } finally {
            sending.unlock();
            fd.release();
        }
    }

    private static long requireBytes(MemorySegment buffer, long offset, long length) {
        if (length < 1) {
            throw new IllegalArgumentException("a message has at least 1 byte, not " + length);
        }
        return Kernel.address(buffer, offset, length);
    }

    /**
     * Bounds how long a {@link #receive} waits.
     *
     * @param ms in milliseconds; 0 is for ever
     * @throws LinuxException EBADF when closed
     */
    public void setReceiveTimeout(long ms) throws LinuxException {
        setTimeout(Sockets.SO_RCVTIMEO, ms);
    }

    /**
     * Bounds how long a {@link #send} waits for room.
     *
     * @param ms in milliseconds; 0 is for ever
     * @throws LinuxException EBADF when closed
     */
    public void setSendTimeout(long ms) throws LinuxException {
        setTimeout(Sockets.SO_SNDTIMEO, ms);
    }

    private void setTimeout(int option, long ms) throws LinuxException {
        if (ms < 0) {
            throw new IllegalArgumentException("a time-out is not negative: " + ms);
        }
        fd.hold("setsockopt");
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment time = arena.allocate(Timeval.SIZE, Long.BYTES);
            time.set(JAVA_LONG, Timeval.TV_SEC, ms / 1000);
            time.set(JAVA_LONG, Timeval.TV_USEC, ms % 1000 * 1000);
            int result = Kernel.setsockopt(fd.held(), Sockets.SOL_SOCKET, option, time.address(), Timeval.SIZE);
            Kernel.check("setsockopt", result);
        } finally {
            fd.release();
        }
    }

    /**
     * Asks who is at the other end (SO_PEERCRED).
     *
     * @throws LinuxException EBADF when closed
     */
    public PeerCredentials peerCredentials() throws LinuxException {
        fd.hold("getsockopt");
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment peer = arena.allocate(Ucred.SIZE, Integer.BYTES);
            MemorySegment size = arena.allocateFrom(JAVA_INT, Ucred.SIZE);
            int result = Kernel.getsockopt(
                    fd.held(), Sockets.SOL_SOCKET, Sockets.SO_PEERCRED, peer.address(), size.address());
            Kernel.check("getsockopt", result);
            return new PeerCredentials(
                    peer.get(JAVA_INT, Ucred.PID), peer.get(JAVA_INT, Ucred.UID), peer.get(JAVA_INT, Ucred.GID));
        } finally {
            fd.release();
        }
    }

    /**
     * Ends the connection in both directions: a receive that is blocked in another thread returns 0, a send fails. Also for
     * other processes that have this end.
     *
     * @throws LinuxException EBADF when closed, ENOTCONN
     */
    public void shutdown() throws LinuxException {
        fd.hold("shutdown");
        try {
            Kernel.check("shutdown", Kernel.shutdown(fd.held(), Sockets.SHUT_RDWR));
        } finally {
            fd.release();
        }
    }

    /** {@return the descriptor, which stays owned by this object} */
    public Fd fd() {
        return fd;
    }

    /** Closes this end, and ends the connection when a call is blocked on it, which returns then. */
    @Override
    public void close() {
        fd.closeSocket();
    }
}
