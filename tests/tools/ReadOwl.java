// Reads an ontology from an address with the OWL API, which is Protégé's reader, and prints what it found: a name, a tab, a value.

import java.util.stream.Stream;
import org.semanticweb.owlapi.apibinding.OWLManager;
import org.semanticweb.owlapi.model.IRI;
import org.semanticweb.owlapi.model.OWLEntity;
import org.semanticweb.owlapi.model.OWLOntology;
import org.semanticweb.owlapi.search.EntitySearcher;

public class ReadOwl {
  static void say(String name, Object value) {
    System.out.println(name + "\t" + value);
  }

  static void each(String name, OWLOntology read, Stream<? extends OWLEntity> entities) {
    entities.forEach(one -> {
      say(name, one.getIRI());
      EntitySearcher.getAnnotations(one, read)
          .filter(note -> note.getProperty().isLabel())
          .forEach(note -> say("label", one.getIRI() + " " + note.getValue()));
    });
  }

  public static void main(String[] arguments) throws Exception {
    OWLOntology read = OWLManager.createOWLOntologyManager().loadOntology(IRI.create(arguments[0]));
    say("format", read.getFormat());
    say("ontology", read.getOntologyID().getOntologyIRI().get());
    read.getOntologyID().getVersionIRI().ifPresent(version -> say("version", version));
    read.annotations().forEach(note -> say("header", note.getProperty().getIRI() + " " + note.getValue()));
    each("Class", read, read.classesInSignature());
    each("ObjectProperty", read, read.objectPropertiesInSignature());
    each("DatatypeProperty", read, read.dataPropertiesInSignature());
    say("unread", read.getFormat().getOntologyLoaderMetaData()
        .map(told -> ((org.semanticweb.owlapi.io.RDFParserMetaData) told).getUnparsedTriples().count()).orElse(-1L));
  }
}
