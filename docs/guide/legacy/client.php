<?php
// Draw, repeat, look up, release and be refused, with PHP's own SoapClient (php-cli, php-soap).
// NPN_SOAP_URL, NPN_SYSTEM and NPN_SECRET say where and who; over TLS also NPN_CA, and NPN_PEM: certificate and key in one file.
// Without NPN_SECRET the client certificate alone says who calls (level 1).
// A fault is told on standard error, and the exit status is 1.
declare(strict_types=1);

const MEDCOM = 'http://svn.medcom.dk/svn/releases/Standarder/DGWS/Schemas/medcom-1.0.1.xsd';
const WSSE = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd';
const WSU = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd';
const SAML = 'urn:oasis:names:tc:SAML:2.0:assertion';

$url = getenv('NPN_SOAP_URL');
$system = getenv('NPN_SYSTEM') ?: '';
$secret = getenv('NPN_SECRET') ?: '';

function new_id(): string { return bin2hex(random_bytes(16)); }
function zulu(int $at): string { return gmdate('Y-m-d\TH:i:s\Z', $at); }
function attribute(string $name, string $value): string {
    return "<saml:Attribute Name=\"$name\"><saml:AttributeValue>$value</saml:AttributeValue></saml:Attribute>";
}

// A fault's detail: the code of DGWS, and the service's own, which says more.
function codes(SoapFault $fault): array {
    $detail = $fault->detail ?? null;
    return [$detail->FaultCode ?? '', $detail->Problem->Code ?? ''];
}

function card(string $system, string $secret): string {
    $begins = zulu(time() - 60);
    $ends = zulu(time() - 60 + 86400);
    return '<saml:Assertion xmlns:saml="' . SAML . "\" IssueInstant=\"$begins\" Version=\"2.0\" id=\"IDCard\">"
        . "<saml:Issuer>$system</saml:Issuer><saml:Subject><saml:NameID Format=\"medcom:itsystemname\">$system</saml:NameID>"
        . '<saml:SubjectConfirmation><saml:ConfirmationMethod>urn:oasis:names:tc:SAML:2.0:cm:holder-of-key</saml:ConfirmationMethod>'
        . "<saml:SubjectConfirmationData><wsse:UsernameToken><wsse:Username>$system</wsse:Username>"
        . "<wsse:Password>$secret</wsse:Password></wsse:UsernameToken></saml:SubjectConfirmationData>"
        . "</saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore=\"$begins\" NotOnOrAfter=\"$ends\"/>"
        . '<saml:AttributeStatement id="IDCardData">' . attribute('sosi:IDCardID', new_id()) . attribute('sosi:IDCardVersion', '1.0.1')
        . attribute('sosi:IDCardType', 'system') . attribute('sosi:AuthenticationLevel', '2') . '</saml:AttributeStatement></saml:Assertion>';
}

function headers(string $messageId, string $system, string $secret): array {
    $level = $secret === '' ? 1 : 2;
    $security = '<wsse:Security xmlns:wsse="' . WSSE . '"><wsu:Timestamp xmlns:wsu="' . WSU . '"><wsu:Created>' . zulu(time())
        . '</wsu:Created></wsu:Timestamp>' . ($secret === '' ? '' : card($system, $secret)) . '</wsse:Security>';
    $medcom = '<medcom:Header xmlns:medcom="' . MEDCOM . "\"><medcom:SecurityLevel>$level</medcom:SecurityLevel>"
        . '<medcom:Linking><medcom:FlowID>' . new_id() . "</medcom:FlowID><medcom:MessageID>$messageId</medcom:MessageID></medcom:Linking></medcom:Header>";
    return [
        new SoapHeader(WSSE, 'Security', new SoapVar($security, XSD_ANYXML)),
        new SoapHeader(MEDCOM, 'Header', new SoapVar($medcom, XSD_ANYXML)),
    ];
}

$options = ['exceptions' => true, 'cache_wsdl' => WSDL_CACHE_NONE];
if (getenv('NPN_CA')) {
    $options['stream_context'] = stream_context_create(
        ['ssl' => ['cafile' => getenv('NPN_CA'), 'local_cert' => getenv('NPN_PEM'), 'verify_peer' => true]]
    );
}
set_exception_handler(function (Throwable $error): void {
    $codes = $error instanceof SoapFault ? implode(' ', codes($error)) : '';
    fwrite(STDERR, "refused: $codes {$error->getMessage()}\n");
    exit(1);
});
$client = new SoapClient("$url?wsdl", $options);
$call = function (string $operation, array $values, ?string $messageId = null) use ($client, $system, $secret) {
    return $client->__soapCall($operation, [$values], null, headers($messageId ?? new_id(), $system, $secret));
};

$messageId = new_id(); // keep it with the request: the same one again gives the same series
$draw = ['NumberOfIdentifiers' => 10, 'Purpose' => 'PHP'];
$drawn = $call('GetAnalysisIdentifiers', $draw, $messageId);
echo "drawn $drawn->FirstIdentifier $drawn->LastIdentifier\n";
$again = $call('GetAnalysisIdentifiers', $draw, $messageId);
echo "repeated $again->FirstIdentifier $again->LastIdentifier\n";
$found = $call('GetAnalysisIdentifierInformation', ['Identifier' => $drawn->FirstIdentifier]);
echo "found $found->State $found->SystemName\n";
$released = $call('SetAnalysisIdentifiersFree', ['FirstIdentifier' => $drawn->FirstIdentifier, 'LastIdentifier' => $drawn->LastIdentifier]);
echo "released $released->State\n";
try {
    $call('GetAnalysisIdentifiers', ['NumberOfIdentifiers' => 0]);
} catch (SoapFault $fault) {
    echo 'refused ' . implode(' ', codes($fault)) . "\n";
}
