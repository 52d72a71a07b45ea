// Draw with a signed ID card (levels 3 and 4) and nothing but the JDK: java SignedClient.java
// NPN_SOAP_URL and NPN_SYSTEM say where and who; NPN_P12 with NPN_P12_PASSWORD is the certificate that the operator bound to
// the system, with its key; NPN_LEVEL is 3 (a system's card, the default) or 4 (a person's). Over TLS also NPN_CA (PEM).
// A fault is told on standard error, and the exit status is 1.
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileInputStream;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.xml.crypto.dsig.CanonicalizationMethod;
import javax.xml.crypto.dsig.DigestMethod;
import javax.xml.crypto.dsig.Reference;
import javax.xml.crypto.dsig.SignedInfo;
import javax.xml.crypto.dsig.Transform;
import javax.xml.crypto.dsig.XMLSignatureFactory;
import javax.xml.crypto.dsig.dom.DOMSignContext;
import javax.xml.crypto.dsig.keyinfo.KeyInfo;
import javax.xml.crypto.dsig.keyinfo.KeyInfoFactory;
import javax.xml.crypto.dsig.spec.C14NMethodParameterSpec;
import javax.xml.crypto.dsig.spec.TransformParameterSpec;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

public class SignedClient {
    static final String NPN = "urn:npn:analysisidentifier:1";
    static final String WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity";
    static final String MEDCOM = "http://svn.medcom.dk/svn/releases/Standarder/DGWS/Schemas/medcom-1.0.1.xsd";
    static final String SAML = "urn:oasis:names:tc:SAML:2.0:assertion";
    static final String SOAP = "http://schemas.xmlsoap.org/soap/envelope/";
    static final String SYSTEM = System.getenv("NPN_SYSTEM");
    static final String LEVEL = System.getenv().getOrDefault("NPN_LEVEL", "3");
    static final char[] PASSWORD = System.getenv("NPN_P12_PASSWORD").toCharArray();
    static KeyStore own;
    static PrivateKey key;
    static X509Certificate certificate;

    public static void main(String[] arguments) throws Exception {
        own = KeyStore.getInstance("PKCS12");
        try (InputStream p12 = new FileInputStream(System.getenv("NPN_P12"))) {
            own.load(p12, PASSWORD);
        }
        String alias = own.aliases().nextElement();
        key = (PrivateKey) own.getKey(alias, PASSWORD);
        certificate = (X509Certificate) own.getCertificate(alias);
        String messageId = UUID.randomUUID().toString(); // keep it with the request: the same one again gives the same series
        String draw = "<npn:NumberOfIdentifiers>10</npn:NumberOfIdentifiers><npn:Purpose>signed</npn:Purpose>";
        Document answer = send("GetAnalysisIdentifiers", draw, messageId);
        if (answer.getElementsByTagNameNS(SOAP, "Fault").getLength() > 0) {
            System.err.println("refused: " + text(answer, "FaultCode") + " " + text(answer, "Code") + ": " + text(answer, "faultstring"));
            System.exit(1);
        }
        System.out.println("drawn " + text(answer, "FirstIdentifier") + " " + text(answer, "LastIdentifier"));
    }

    static Document send(String operation, String values, String messageId) throws Exception {
        String name = operation + "Request";
        Document message = parse("<soap:Envelope xmlns:soap=\"" + SOAP + "\"><soap:Header>"
            + "<wsse:Security xmlns:wsse=\"" + WSS + "-secext-1.0.xsd\"><wsu:Timestamp xmlns:wsu=\"" + WSS + "-utility-1.0.xsd\">"
            + "<wsu:Created>" + zulu(0) + "</wsu:Created></wsu:Timestamp>" + card() + "</wsse:Security>"
            + "<medcom:Header xmlns:medcom=\"" + MEDCOM + "\"><medcom:SecurityLevel>" + LEVEL
            + "</medcom:SecurityLevel><medcom:Linking><medcom:FlowID>" + UUID.randomUUID() + "</medcom:FlowID><medcom:MessageID>"
            + messageId + "</medcom:MessageID></medcom:Linking></medcom:Header></soap:Header><soap:Body>"
            + "<npn:" + name + " xmlns:npn=\"" + NPN + "\">" + values + "</npn:" + name + "></soap:Body></soap:Envelope>");
        sign((Element) message.getElementsByTagNameNS(SAML, "Assertion").item(0));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        TransformerFactory.newInstance().newTransformer().transform(new DOMSource(message), new StreamResult(bytes));
        HttpURLConnection connection = (HttpURLConnection) new URL(System.getenv("NPN_SOAP_URL")).openConnection();
        if (System.getenv("NPN_CA") != null) ((HttpsURLConnection) connection).setSSLSocketFactory(tls().getSocketFactory());
        connection.setRequestMethod("POST");
        connection.setDoOutput(true);
        connection.setRequestProperty("Content-Type", "text/xml; charset=utf-8");
        connection.setRequestProperty("SOAPAction", "\"" + NPN + ":" + operation + "\"");
        connection.getOutputStream().write(bytes.toByteArray());
        boolean good = connection.getResponseCode() == 200; // a fault is an answer too: HTTP 500 in SOAP 1.1
        try (InputStream answer = good ? connection.getInputStream() : connection.getErrorStream()) {
            return parse(new String(answer.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    /** The ID card: who calls, from when to when, and by the name of which signature its holder proves it. */
    static String card() {
        String person = LEVEL.equals("4")
            ? "<saml:AttributeStatement id=\"UserLog\">" + attribute("medcom:UserGivenName", "Anna")
                + attribute("medcom:UserSurName", "Hansen") + attribute("medcom:UserRole", "bioanalytiker") + "</saml:AttributeStatement>"
            : "";
        return "<saml:Assertion xmlns:saml=\"" + SAML + "\" IssueInstant=\"" + zulu(-60) + "\" Version=\"2.0\" id=\"IDCard\">"
            + "<saml:Issuer>" + SYSTEM + "</saml:Issuer><saml:Subject><saml:NameID Format=\"medcom:itsystemname\">" + SYSTEM
            + "</saml:NameID><saml:SubjectConfirmation><saml:ConfirmationMethod>urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"
            + "</saml:ConfirmationMethod><saml:SubjectConfirmationData><ds:KeyInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">"
            + "<ds:KeyName>OCESSignature</ds:KeyName></ds:KeyInfo></saml:SubjectConfirmationData></saml:SubjectConfirmation></saml:Subject>"
            + "<saml:Conditions NotBefore=\"" + zulu(-60) + "\" NotOnOrAfter=\"" + zulu(86400 - 60) + "\"/>"
            + "<saml:AttributeStatement id=\"IDCardData\">" + attribute("sosi:IDCardID", UUID.randomUUID().toString())
            + attribute("sosi:IDCardVersion", "1.0.1") + attribute("sosi:IDCardType", LEVEL.equals("4") ? "user" : "system")
            + attribute("sosi:AuthenticationLevel", LEVEL) + "</saml:AttributeStatement>" + person
            + "<saml:AttributeStatement id=\"SystemLog\">" + attribute("medcom:ITSystemName", SYSTEM) + "</saml:AttributeStatement>"
            + "</saml:Assertion>";
    }

    /** Sign the card: the signature is its last child, refers to it by its id, and carries the certificate. */
    static void sign(Element card) throws Exception {
        card.setIdAttribute("id", true);
        XMLSignatureFactory factory = XMLSignatureFactory.getInstance("DOM");
        List<Transform> transforms = List.of(
            factory.newTransform(Transform.ENVELOPED, (TransformParameterSpec) null),
            factory.newTransform(CanonicalizationMethod.EXCLUSIVE, (TransformParameterSpec) null));
        Reference reference = factory.newReference(
            "#IDCard", factory.newDigestMethod(DigestMethod.SHA256, null), transforms, null, null);
        SignedInfo info = factory.newSignedInfo(
            factory.newCanonicalizationMethod(CanonicalizationMethod.EXCLUSIVE, (C14NMethodParameterSpec) null),
            factory.newSignatureMethod("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", null), List.of(reference));
        KeyInfoFactory keys = factory.getKeyInfoFactory();
        KeyInfo shown = keys.newKeyInfo(List.of(keys.newX509Data(List.of(certificate))));
        DOMSignContext context = new DOMSignContext(key, card);
        context.setDefaultNamespacePrefix("ds");
        factory.newXMLSignature(info, shown).sign(context);
        // DGWS writes the signature's id in small letters, where XML signatures have Id; neither is signed.
        ((Element) card.getLastChild()).setAttribute("id", "OCESSignature");
    }

    static SSLContext tls() throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        try (InputStream pem = new FileInputStream(System.getenv("NPN_CA"))) {
            trusted.setCertificateEntry("ca", CertificateFactory.getInstance("X.509").generateCertificate(pem));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(own, PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    static Document parse(String text) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        return factory.newDocumentBuilder().parse(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    static String attribute(String name, String value) {
        return "<saml:Attribute Name=\"" + name + "\"><saml:AttributeValue>" + value + "</saml:AttributeValue></saml:Attribute>";
    }

    static String text(Document document, String name) {
        Node found = document.getElementsByTagNameNS("*", name).item(0);
        if (found == null) found = document.getElementsByTagName(name).item(0); // faultstring has no namespace
        return found == null ? "" : found.getTextContent();
    }

    static String zulu(long seconds) { return Instant.now().plusSeconds(seconds).truncatedTo(ChronoUnit.SECONDS).toString(); }
}
