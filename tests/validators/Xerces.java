import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.xml.XMLConstants;
import javax.xml.transform.stream.StreamSource;
import javax.xml.validation.Schema;
import javax.xml.validation.SchemaFactory;
import javax.xml.validation.Validator;
import org.xml.sax.SAXException;

/**
 * Says of each file whether it is valid: {@code java -cp xercesImpl.jar Xerces.java SCHEMAS FOLDER}.
 *
 * <p>Files stand in a folder of FOLDER for each schema, named as it is without its suffix. Prints "valid" or "invalid", and
 * the file, a line each.
 */
public class Xerces {
    public static void main(String[] arguments) throws IOException, SAXException {
        SchemaFactory factory =
                SchemaFactory.newInstance(
                        XMLConstants.W3C_XML_SCHEMA_NS_URI, "org.apache.xerces.jaxp.validation.XMLSchemaFactory", null);
        for (Path folder : sorted(Path.of(arguments[1]))) {
            Schema schema = factory.newSchema(new File(arguments[0], folder.getFileName() + ".xsd"));
            Validator validator = schema.newValidator();
            for (Path file : sorted(folder)) {
                System.out.println((isValid(validator, file) ? "valid " : "invalid ") + file);
            }
        }
    }

    private static boolean isValid(Validator validator, Path file) {
        try {
            validator.validate(new StreamSource(file.toFile()));
            return true;
        } catch (SAXException | IOException refused) { // an encoding that is unknown or wrong is an IOException
            return false;
        }
    }

    private static List<Path> sorted(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().collect(Collectors.toList());
        }
    }
}
