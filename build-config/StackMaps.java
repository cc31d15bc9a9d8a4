import java.io.IOException;
import java.io.OutputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;

/**
 * Rewrites a jar whose classes are in the format of Java 5, such as picocli's, in that of Java 8: what the methods do stays,
 * the stack maps are added that the verifier has used since. An AOT cache takes no older classes. A jar that has none is left
 * alone. Run as source: java StackMaps.java JAR
 */
final class StackMaps {
    private static final int FIRST_WITH_MAPS = ClassFile.JAVA_7_VERSION;

    private StackMaps() {}

    public static void main(String[] args) throws IOException {
        Path jar = Path.of(args[0]);
        Path changed = jar.resolveSibling(jar.getFileName() + ".new");
        boolean old = false;
        try (JarFile from = new JarFile(jar.toFile());
                URLClassLoader classes = new URLClassLoader(new URL[] {jar.toUri().toURL()});
                OutputStream file = Files.newOutputStream(changed);
                JarOutputStream to = new JarOutputStream(file)) {
            ClassFile format = ClassFile.of(
                    ClassFile.StackMapsOption.GENERATE_STACK_MAPS,
                    ClassFile.ClassHierarchyResolverOption.of(ClassHierarchyResolver.ofResourceParsing(classes)));
            for (JarEntry entry : (Iterable<JarEntry>) from.stream()::iterator) {
                byte[] bytes = from.getInputStream(entry).readAllBytes();
                if (entry.getName().endsWith(".class")) {
                    ClassModel model = format.parse(bytes);
                    if (model.majorVersion() < FIRST_WITH_MAPS) {
                        old = true;
                        bytes = modern(format, model);
                    }
                }
                JarEntry copy = new JarEntry(entry.getName());
                copy.setTime(entry.getTime());
                to.putNextEntry(copy);
                to.write(bytes);
                to.closeEntry();
            }
        }
        if (old) {
            Files.move(changed, jar, StandardCopyOption.REPLACE_EXISTING);
        } else {
            Files.delete(changed);
        }
    }

    private static byte[] modern(ClassFile format, ClassModel model) {
        // Bodies that go through a transformation are written anew, with maps; others would be copied as they are.
        return format.transformClass(
                model,
                ClassTransform.transformingMethodBodies(CodeTransform.ACCEPT_ALL)
                        .andThen(ClassTransform.endHandler(
                                builder -> builder.withVersion(ClassFile.JAVA_8_VERSION, 0))));
    }
}
