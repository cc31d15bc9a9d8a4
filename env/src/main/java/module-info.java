/** Linux from Java, through the Foreign Function and Memory API. */
module dev.ringside.env {
    requires static transitive org.jspecify;
}
