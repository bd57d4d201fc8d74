/*
 * EXIficient as the judge of our EXI codec.
 *
 *     java -cp 'classes:lib/*' Oracle ROOT.xsd  < lines > lines
 *     java -cp classes:EXICodec.jar Oracle class:GRAMMAR      with a grammar that the codec inside Josev was built with
 *
 * One line in, one line out, in order:
 *     HEX        decodes, and encodes what it understood again:       HEX <tab> verdict <tab> JSON
 *     <xml ...   encodes an element, then goes on as with its HEX
 *     either with "f:" in front: a fragment, not a document
 *     anything that fails:                                            error octet N of M: ...
 *
 * The HEX that comes back is the form V2G uses: no string tables, an empty simple value as length 0.
 * Verdict: "same" (the input is that form) or "differs", then "second=EVENTS" (events that came as second-level productions) and
 * "trailing=N" (octets behind the document, which the comparison leaves out).
 * JSON: {"Name": content}; attributes as "@name", the text of an element with attributes as "#", repeated elements as arrays,
 * every value a string.
 *
 * EXIficient checks no lengths and no patterns, and takes integers outside their range: "same" without "second", with equal
 * content, is an opinion; its mere acceptance is none.
 * SPDX-License-Identifier: Apache-2.0
 */
import com.siemens.ct.exi.core.CodingMode;
import com.siemens.ct.exi.core.EXIFactory;
import com.siemens.ct.exi.core.FidelityOptions;
import com.siemens.ct.exi.core.attributes.AttributeFactory;
import com.siemens.ct.exi.core.attributes.AttributeList;
import com.siemens.ct.exi.core.coder.EXIBodyDecoderInOrder;
import com.siemens.ct.exi.core.coder.EXIBodyEncoderInOrder;
import com.siemens.ct.exi.core.context.QNameContext;
import com.siemens.ct.exi.core.exceptions.EXIException;
import com.siemens.ct.exi.core.grammars.Grammars;
import com.siemens.ct.exi.core.grammars.event.EventType;
import com.siemens.ct.exi.core.helpers.DefaultEXIFactory;
import com.siemens.ct.exi.core.values.StringValue;
import com.siemens.ct.exi.core.values.Value;
import com.siemens.ct.exi.grammars.GrammarFactory;
import java.io.*;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.util.*;
import javax.xml.stream.*;
import org.apache.xerces.xni.XMLResourceIdentifier;
import org.apache.xerces.xni.parser.XMLInputSource;

public class Oracle {
  enum Kind { START, END, TEXT, ATTRIBUTE }

  static final class Event {
    final Kind kind;
    final String uri, name;
    final Value value;

    Event(Kind kind, String uri, String name, Value value) {
      this.kind = kind;
      this.uri = uri;
      this.name = name;
      this.value = value;
    }
  }

  static final class Decoded {
    final List<Event> events = new ArrayList<>();
    final Set<String> secondLevel = new TreeSet<>();
    int trailing;
  }

  /** encodeCharacters() makes a second-level EE of an empty text of a binary type; V2G writes length 0. */
  static final class Encoder extends EXIBodyEncoderInOrder {
    Encoder(EXIFactory f) throws EXIException { super(f); }
    void text(Value v) throws EXIException, IOException { encodeCharactersForce(v); }
    boolean wantsText() { return getCurrentGrammar().getProduction(EventType.CHARACTERS) != null; }
  }

  static final class Decoder extends EXIBodyDecoderInOrder {
    Decoder(EXIFactory f) throws EXIException { super(f); }
    boolean wantsText() { return getCurrentGrammar().getProduction(EventType.CHARACTERS) != null; }
  }

  static final int DISTINGUISHING_BITS = 0x80;
  static final Value EMPTY = new StringValue("");
  static final Set<EventType> SECOND_LEVEL = EnumSet.of(
      EventType.ATTRIBUTE_XSI_TYPE, EventType.ATTRIBUTE_XSI_NIL, EventType.ATTRIBUTE_GENERIC_UNDECLARED,
      EventType.ATTRIBUTE_INVALID_VALUE, EventType.ATTRIBUTE_ANY_INVALID_VALUE, EventType.START_ELEMENT_GENERIC_UNDECLARED,
      EventType.END_ELEMENT_UNDECLARED, EventType.CHARACTERS_GENERIC_UNDECLARED);

  final Grammars grammars;

  Oracle(String source) throws Exception {
    Path xsd = Paths.get(source);
    grammars = source.startsWith("class:")
        ? (Grammars) Class.forName(source.substring("class:".length())).getDeclaredConstructor().newInstance()
        : GrammarFactory.newInstance().createGrammars(xsd.toUri().toString(), id -> offline(id, xsd));
  }

  /** The DOCTYPE of the XML signature schema would be loaded from the network. */
  static XMLInputSource offline(XMLResourceIdentifier id, Path xsd) {
    String address = id.getExpandedSystemId();
    if (address == null || address.startsWith("file:")) return null;
    Path local = xsd.toAbsolutePath().resolveSibling(address.substring(address.lastIndexOf('/') + 1));
    if (Files.exists(local)) return new XMLInputSource(id.getPublicId(), local.toUri().toString(), null);
    return new XMLInputSource(id.getPublicId(), address, null, new StringReader(""), "UTF-8");
  }

  /** Bit-packed, not strict, no string tables. */
  EXIFactory factory(boolean fragment) {
    EXIFactory f = DefaultEXIFactory.newInstance();
    f.setGrammars(grammars);
    f.setFidelityOptions(FidelityOptions.createDefault());
    f.setCodingMode(CodingMode.BIT_PACKED);
    f.setFragment(fragment);
    f.setValuePartitionCapacity(0);
    return f;
  }

  // ---------------------------------------------------------------- octets to events

  Decoded decode(byte[] octets, boolean fragment) throws EXIException {
    if (octets.length == 0 || (octets[0] & 0xff) != DISTINGUISHING_BITS) throw new EXIException("first octet is not 80");
    ByteArrayInputStream in = new ByteArrayInputStream(octets, 1, octets.length - 1);
    Decoded result = new Decoded();
    try {
      Decoder decoder = new Decoder(factory(fragment));
      decoder.setInputStream(in);
      for (EventType type; (type = decoder.next()) != null; ) {
        if (SECOND_LEVEL.contains(type)) result.secondLevel.add(type.name());
        take(decoder, type, result.events);
        if (type == EventType.END_DOCUMENT) break;
      }
    } catch (Exception | StackOverflowError | OutOfMemoryError e) {
      throw new EXIException("octet " + (octets.length - in.available()) + " of " + octets.length + ": " + e);
    }
    result.trailing = in.available();
    return result;
  }

  static void take(Decoder decoder, EventType type, List<Event> events) throws EXIException, IOException {
    switch (type) {
      case START_DOCUMENT:
        decoder.decodeStartDocument();
        break;
      case END_DOCUMENT:
        decoder.decodeEndDocument();
        break;
      case START_ELEMENT: case START_ELEMENT_NS: case START_ELEMENT_GENERIC: case START_ELEMENT_GENERIC_UNDECLARED:
        events.add(named(Kind.START, decoder.decodeStartElement(), null));
        break;
      case END_ELEMENT: case END_ELEMENT_UNDECLARED:
        if (type == EventType.END_ELEMENT_UNDECLARED && decoder.wantsText()) events.add(new Event(Kind.TEXT, null, null, EMPTY));
        decoder.decodeEndElement();
        events.add(new Event(Kind.END, null, null, null));
        break;
      case CHARACTERS: case CHARACTERS_GENERIC: case CHARACTERS_GENERIC_UNDECLARED:
        events.add(new Event(Kind.TEXT, null, null, decoder.decodeCharacters()));
        break;
      case ATTRIBUTE: case ATTRIBUTE_NS: case ATTRIBUTE_GENERIC: case ATTRIBUTE_GENERIC_UNDECLARED:
      case ATTRIBUTE_INVALID_VALUE: case ATTRIBUTE_ANY_INVALID_VALUE:
        events.add(named(Kind.ATTRIBUTE, decoder.decodeAttribute(), decoder.getAttributeValue()));
        break;
      default:
        throw new EXIException("event " + type);
    }
  }

  static Event named(Kind kind, QNameContext name, Value value) {
    return new Event(kind, name.getNamespaceUri(), name.getLocalName(), value);
  }

  // ---------------------------------------------------------------- events and XML to octets

  interface Source {
    void write(Encoder encoder) throws Exception;
  }

  byte[] encode(Source source, boolean fragment) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(DISTINGUISHING_BITS);
    Encoder encoder = new Encoder(factory(fragment));
    encoder.setOutputStream(out);
    encoder.encodeStartDocument();
    source.write(encoder);
    encoder.encodeEndDocument();
    encoder.flush();
    return out.toByteArray();
  }

  static void write(List<Event> events, Encoder encoder) throws EXIException, IOException {
    for (Event event : events) {
      switch (event.kind) {
        case START: encoder.encodeStartElement(event.uri, event.name, null); break;
        case END: encoder.encodeEndElement(); break;
        case TEXT: encoder.text(event.value); break;
        default: encoder.encodeAttribute(event.uri, event.name, null, event.value);
      }
    }
  }

  /** Elements hold either elements or one text, so white space between elements never counts. */
  static void write(String xml, Encoder encoder) throws Exception {
    XMLInputFactory factory = XMLInputFactory.newInstance();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_COALESCING, true);
    XMLStreamReader reader = factory.createXMLStreamReader(new StringReader(xml));
    String text = "";
    boolean leaf = false;
    while (reader.hasNext()) {
      switch (reader.next()) {
        case XMLStreamConstants.START_ELEMENT:
          startElement(reader, encoder);
          text = "";
          leaf = true;
          break;
        case XMLStreamConstants.CHARACTERS: case XMLStreamConstants.CDATA: case XMLStreamConstants.SPACE:
          text += reader.getText();
          break;
        case XMLStreamConstants.END_ELEMENT:
          if (leaf && (encoder.wantsText() || !text.isEmpty())) encoder.text(new StringValue(text));
          encoder.encodeEndElement();
          leaf = false;
          break;
        default:
      }
    }
  }

  static void startElement(XMLStreamReader reader, Encoder encoder) throws EXIException, IOException {
    encoder.encodeStartElement(orEmpty(reader.getNamespaceURI()), reader.getLocalName(), null);
    AttributeList list = AttributeFactory.newInstance().createAttributeListInstance(encoder.exiFactory);
    for (int i = 0; i < reader.getNamespaceCount(); i++)
      list.addNamespaceDeclaration(orEmpty(reader.getNamespaceURI(i)), orEmpty(reader.getNamespacePrefix(i)));
    for (int i = 0; i < reader.getAttributeCount(); i++)
      list.addAttribute(orEmpty(reader.getAttributeNamespace(i)), reader.getAttributeLocalName(i),
          orEmpty(reader.getAttributePrefix(i)), reader.getAttributeValue(i));
    encoder.encodeAttributeList(list);
  }

  static String orEmpty(String s) { return s == null ? "" : s; }

  // ---------------------------------------------------------------- text

  static String quote(String s) {
    StringBuilder b = new StringBuilder("\"");
    for (char c : s.toCharArray()) {
      if (c == '"' || c == '\\') b.append('\\').append(c);
      else if (c < 32 || c > 126) b.append(String.format("\\u%04x", (int) c));
      else b.append(c);
    }
    return b.append('"').toString();
  }

  static String json(List<Event> events) {
    Iterator<Event> it = events.iterator();
    Event root = it.next();
    return "{" + quote(root.name) + ":" + content(it) + "}";
  }

  static String content(Iterator<Event> it) {
    Map<String, List<String>> members = new LinkedHashMap<>();
    String text = null;
    for (Event event; (event = it.next()).kind != Kind.END; ) {
      if (event.kind == Kind.START) members.computeIfAbsent(event.name, k -> new ArrayList<>()).add(content(it));
      else if (event.kind == Kind.TEXT) text = event.value.toString();
      else members.computeIfAbsent("@" + event.name, k -> new ArrayList<>()).add(quote(event.value.toString()));
    }
    if (text != null && members.isEmpty()) return quote(text);
    if (text != null) members.put("#", List.of(quote(text)));
    StringJoiner out = new StringJoiner(",", "{", "}");
    members.forEach((name, all) -> out.add(quote(name) + ":" + (all.size() == 1 ? all.get(0) : all.toString())));
    return out.toString();
  }

  static String hex(byte[] octets) {
    StringBuilder b = new StringBuilder();
    for (byte o : octets) b.append(Character.forDigit(o >> 4 & 15, 16)).append(Character.forDigit(o & 15, 16));
    return b.toString();
  }

  static byte[] unhex(String hex) throws EXIException {
    if (hex.length() % 2 != 0) throw new EXIException("odd number of hex digits");
    byte[] octets = new byte[hex.length() / 2];
    for (int i = 0; i < octets.length; i++) octets[i] = (byte) Integer.parseInt(hex, 2 * i, 2 * i + 2, 16);
    return octets;
  }

  // ---------------------------------------------------------------- lines

  String answer(String line) {
    boolean fragment = line.startsWith("f:");
    String input = fragment ? line.substring(2) : line;
    try {
      byte[] octets = input.startsWith("<") ? encode(encoder -> write(input, encoder), fragment) : unhex(input.trim());
      return judge(octets, fragment);
    } catch (Exception e) {
      return "error " + String.valueOf(e.getMessage()).replaceAll("\\s+", " ");
    }
  }

  String judge(byte[] in, boolean fragment) throws Exception {
    Decoded decoded = decode(in, fragment);
    byte[] out = encode(encoder -> write(decoded.events, encoder), fragment);
    byte[] used = Arrays.copyOf(in, in.length - decoded.trailing);
    String verdict = Arrays.equals(used, out) ? "same" : "differs";
    if (!decoded.secondLevel.isEmpty()) verdict += " second=" + String.join(",", decoded.secondLevel);
    if (decoded.trailing > 0) verdict += " trailing=" + decoded.trailing;
    return hex(out) + "\t" + verdict + "\t" + json(decoded.events);
  }

  public static void main(String[] args) throws Exception {
    Oracle oracle = new Oracle(args[0]);
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream out = new PrintStream(new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 16), false, "UTF-8");
    for (String line; (line = in.readLine()) != null; ) {
      out.println(oracle.answer(line));
      if (!in.ready()) out.flush(); // a peer that waits for each answer gets it
    }
    out.flush();
  }
}
