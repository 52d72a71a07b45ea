// Draw, repeat, look up, release and be refused, with nothing but the JDK: java NpnClient.java
// NPN_SOAP_URL, NPN_SYSTEM and NPN_SECRET say where and who; over TLS also NPN_CA (PEM), and NPN_P12 with NPN_P12_PASSWORD.
// Without NPN_SECRET the client certificate alone says who calls (level 1).
// A fault is told on standard error, and the exit status is 1.
import java.io.FileInputStream;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Document;
import org.w3c.dom.Node;

public class NpnClient {
    static final String NPN = "urn:npn:analysisidentifier:1";
    static final String WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity";
    static final String MEDCOM = "http://svn.medcom.dk/svn/releases/Standarder/DGWS/Schemas/medcom-1.0.1.xsd";
    static final String SYSTEM = System.getenv().getOrDefault("NPN_SYSTEM", "");
    static final String SECRET = System.getenv().getOrDefault("NPN_SECRET", "");
    static SSLContext tls;

    public static void main(String[] arguments) throws Exception {
        try {
            everything();
        } catch (Fault fault) {
            System.err.println("refused: " + fault.dgwsCode + " " + fault.code + " " + fault.field + ": " + fault.getMessage());
            System.exit(1);
        }
    }

    static void everything() throws Exception {
        if (System.getenv("NPN_CA") != null) tls = tls();
        String messageId = UUID.randomUUID().toString(); // keep it with the request: the same one again gives the same series
        String draw = element("NumberOfIdentifiers", "10") + element("Purpose", "Java");
        Document drawn = call("GetAnalysisIdentifiers", draw, messageId);
        String first = text(drawn, "FirstIdentifier"), last = text(drawn, "LastIdentifier");
        System.out.println("drawn " + first + " " + last);
        Document again = call("GetAnalysisIdentifiers", draw, messageId);
        System.out.println("repeated " + text(again, "FirstIdentifier") + " " + text(again, "LastIdentifier"));
        Document found = call("GetAnalysisIdentifierInformation", element("Identifier", first), newId());
        System.out.println("found " + text(found, "State") + " " + text(found, "SystemName"));
        String range = element("FirstIdentifier", first) + element("LastIdentifier", last);
        System.out.println("released " + text(call("SetAnalysisIdentifiersFree", range, newId()), "State"));
        try {
            call("GetAnalysisIdentifiers", element("NumberOfIdentifiers", "0"), newId());
        } catch (Fault fault) {
            System.out.println("refused " + fault.dgwsCode + " " + fault.code);
        }
    }

    /** What the service refused: the code of DGWS, the service's own, and its words. */
    static class Fault extends Exception {
        final String dgwsCode, code, field;

        Fault(Document answer) {
            super(text(answer, "faultstring"));
            dgwsCode = text(answer, "FaultCode");
            code = text(answer, "Code");
            field = text(answer, "Field");
        }
    }

    /** Send a message; its answer, or a Fault. Where no answer comes, send the same again with the same MessageID. */
    static Document call(String operation, String values, String messageId) throws Exception {
        Document answer = send(operation, values, messageId);
        if (answer.getElementsByTagNameNS("http://schemas.xmlsoap.org/soap/envelope/", "Fault").getLength() > 0) {
            throw new Fault(answer);
        }
        return answer;
    }

    static Document send(String operation, String values, String messageId) throws Exception {
        String name = operation + "Request";
        String message = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
            + "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Header>"
            + "<wsse:Security xmlns:wsse=\"" + WSS + "-secext-1.0.xsd\"><wsu:Timestamp xmlns:wsu=\"" + WSS + "-utility-1.0.xsd\">"
            + "<wsu:Created>" + zulu(0) + "</wsu:Created></wsu:Timestamp>" + (SECRET.isEmpty() ? "" : card()) + "</wsse:Security>"
            + "<medcom:Header xmlns:medcom=\"" + MEDCOM + "\"><medcom:SecurityLevel>" + (SECRET.isEmpty() ? 1 : 2)
            + "</medcom:SecurityLevel><medcom:Linking><medcom:FlowID>" + newId() + "</medcom:FlowID><medcom:MessageID>" + messageId
            + "</medcom:MessageID></medcom:Linking></medcom:Header></soap:Header><soap:Body>"
            + "<npn:" + name + " xmlns:npn=\"" + NPN + "\">" + values + "</npn:" + name + "></soap:Body></soap:Envelope>";
        HttpURLConnection connection = (HttpURLConnection) new URL(System.getenv("NPN_SOAP_URL")).openConnection();
        if (tls != null) ((HttpsURLConnection) connection).setSSLSocketFactory(tls.getSocketFactory());
        connection.setRequestMethod("POST");
        connection.setDoOutput(true);
        connection.setRequestProperty("Content-Type", "text/xml; charset=utf-8");
        connection.setRequestProperty("SOAPAction", "\"" + NPN + ":" + operation + "\"");
        connection.getOutputStream().write(message.getBytes(StandardCharsets.UTF_8));
        boolean good = connection.getResponseCode() == 200; // a fault is an answer too: HTTP 500 in SOAP 1.1
        String kind = String.valueOf(connection.getContentType());
        if (!kind.contains("xml")) throw new IllegalStateException("not an answer of the service: " + connection.getResponseCode() + " " + kind);
        try (InputStream answer = good ? connection.getInputStream() : connection.getErrorStream()) {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
            factory.setNamespaceAware(true);
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            return factory.newDocumentBuilder().parse(answer);
        }
    }

    static String card() {
        return "<saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" IssueInstant=\"" + zulu(-60)
            + "\" Version=\"2.0\" id=\"IDCard\"><saml:Issuer>" + SYSTEM + "</saml:Issuer><saml:Subject>"
            + "<saml:NameID Format=\"medcom:itsystemname\">" + SYSTEM + "</saml:NameID><saml:SubjectConfirmation>"
            + "<saml:ConfirmationMethod>urn:oasis:names:tc:SAML:2.0:cm:holder-of-key</saml:ConfirmationMethod>"
            + "<saml:SubjectConfirmationData><wsse:UsernameToken><wsse:Username>" + SYSTEM + "</wsse:Username><wsse:Password>"
            + SECRET + "</wsse:Password></wsse:UsernameToken></saml:SubjectConfirmationData></saml:SubjectConfirmation></saml:Subject>"
            + "<saml:Conditions NotBefore=\"" + zulu(-60) + "\" NotOnOrAfter=\"" + zulu(86400 - 60) + "\"/>"
            + "<saml:AttributeStatement id=\"IDCardData\">" + attribute("sosi:IDCardID", newId()) + attribute("sosi:IDCardVersion", "1.0.1")
            + attribute("sosi:IDCardType", "system") + attribute("sosi:AuthenticationLevel", "2")
            + "</saml:AttributeStatement></saml:Assertion>";
    }

    static SSLContext tls() throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        try (InputStream pem = new FileInputStream(System.getenv("NPN_CA"))) {
            trusted.setCertificateEntry("ca", CertificateFactory.getInstance("X.509").generateCertificate(pem));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        char[] password = System.getenv("NPN_P12_PASSWORD").toCharArray();
        KeyStore own = KeyStore.getInstance("PKCS12");
        try (InputStream p12 = new FileInputStream(System.getenv("NPN_P12"))) {
            own.load(p12, password);
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(own, password);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    static String element(String name, String value) { return "<npn:" + name + ">" + value + "</npn:" + name + ">"; }

    static String attribute(String name, String value) {
        return "<saml:Attribute Name=\"" + name + "\"><saml:AttributeValue>" + value + "</saml:AttributeValue></saml:Attribute>";
    }

    static String text(Document document, String name) {
        Node found = document.getElementsByTagNameNS("*", name).item(0);
        if (found == null) found = document.getElementsByTagName(name).item(0); // faultstring has no namespace
        return found == null ? "" : found.getTextContent();
    }

    static String newId() { return UUID.randomUUID().toString(); }

    static String zulu(long seconds) { return Instant.now().plusSeconds(seconds).truncatedTo(ChronoUnit.SECONDS).toString(); }
}
