package dev.ringside.bdev.file;

/**
 * How a file disk's reads and writes went.
 *
 * @param direct requests whose data moved straight between the file and the memory of the request
 * @param registered of those, requests whose memory is registered with the ring
 * @param bounced requests that went through a buffer, because their memory does not suit the file
 * @param refused requests that found no room in the ring, or no buffer, and were tried again later
 */
public record FileStats(long direct, long registered, long bounced, long refused) {

    FileStats plus(FileStats other) {
        return new FileStats(
                direct + other.direct, registered + other.registered, bounced + other.bounced, refused + other.refused);
    }
}
