import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** The JDK's HttpClient with its defaults: over http it offers HTTP/2 with every first request. Arguments: url, key, envelope, CA. */
public class JdkClient {
    public static void main(String[] arguments) throws Exception {
        String url = arguments[0], key = arguments[1], body = "{\"count\": 7, \"purpose\": \"prøver\"}";
        String envelope = Files.readString(Path.of(arguments[2]));
        System.out.println("first " + send(client(arguments), get(url + "/v1/me", key)).statusCode());
        System.out.println("drawn " + send(client(arguments), draw(url, key, body)).statusCode());
        System.out.println("soap " + send(client(arguments), soap(url, envelope)).statusCode());
        HttpClient one = client(arguments);
        System.out.println("repeated " + send(one, draw(url, key, body)).statusCode());
        System.out.println("soap again " + send(one, soap(url, envelope)).statusCode());
        System.out.println("listed " + send(one, get(url + "/v1/series", key)).statusCode());
        System.out.println("refused " + send(one, draw(url, "npn_nobody_wrong", body)).statusCode());
        HttpRequest.Builder chunked = HttpRequest.newBuilder(URI.create(url + "/v1/series"))
            .header("Authorization", "Bearer " + key).header("Content-Type", "application/json; charset=utf8")
            .header("Idempotency-Key", "jdk-chunked").expectContinue(true)
            .POST(BodyPublishers.fromPublisher(BodyPublishers.ofString(body)));
        System.out.println("chunked " + send(client(arguments), chunked.build()).statusCode());
    }

    static HttpClient client(String[] arguments) throws Exception {
        if (arguments.length < 4) return HttpClient.newHttpClient();
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        try (var file = Files.newInputStream(Path.of(arguments[3]))) {
            trusted.setCertificateEntry("ca", CertificateFactory.getInstance("X.509").generateCertificate(file));
        }
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return HttpClient.newBuilder().sslContext(context).build();
    }

    static HttpResponse<String> send(HttpClient client, HttpRequest request) throws Exception {
        HttpResponse<String> answer = client.send(request, BodyHandlers.ofString());
        if (answer.statusCode() >= 400 && answer.statusCode() != 401) System.err.println(answer.body());
        return answer;
    }

    static HttpRequest get(String url, String key) {
        return HttpRequest.newBuilder(URI.create(url)).header("Authorization", "Bearer " + key).build();
    }

    static HttpRequest draw(String url, String key, String body) {
        return HttpRequest.newBuilder(URI.create(url + "/v1/series")).header("Authorization", "Bearer " + key)
            .header("Content-Type", "application/json").header("Idempotency-Key", "jdk-1")
            .POST(BodyPublishers.ofString(body)).build();
    }

    static HttpRequest soap(String url, String envelope) {
        return HttpRequest.newBuilder(URI.create(url + "/soap/npn")).header("Content-Type", "text/xml; charset=utf-8")
            .header("SOAPAction", "\"\"").POST(BodyPublishers.ofString(envelope)).build();
    }
}
