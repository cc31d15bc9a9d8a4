package dev.ringside.benchmarks.load;

/** Plays devices on a thread of its own until it is closed. */
final class EchoThread implements AutoCloseable {
    private final EchoDevice device;
    private final Thread thread;
    private volatile boolean closed;

    private EchoThread(EchoDevice device) {
        this.device = device;
        this.thread = new Thread(this::run, "echo");
        thread.setDaemon(true);
    }

    static EchoThread start(EchoDevice device) {
        EchoThread echo = new EchoThread(device);
        echo.thread.start();
        return echo;
    }

    private void run() {
        while (!closed) {
            device.step();
            Thread.onSpinWait();
        }
    }

    @Override
    public void close() {
        closed = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
