#!/usr/bin/env bash
# Draw, repeat, look up, release and be refused, with curl.
# NPN_SOAP_URL, NPN_SYSTEM and NPN_SECRET say where and who; over TLS also NPN_CA, NPN_CERT, NPN_CERT_KEY (PEM files).
# Without NPN_SECRET the client certificate alone says who calls (level 1).
# A fault is told on standard error, and the exit status is 1; 2 where no answer came.
set -euo pipefail

wss="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity"
medcom="http://svn.medcom.dk/svn/releases/Standarder/DGWS/Schemas/medcom-1.0.1.xsd"
secret="${NPN_SECRET:-}"
tls=()
if [ -n "${NPN_CA:-}" ]; then tls=(--cacert "$NPN_CA" --cert "$NPN_CERT" --key "$NPN_CERT_KEY"); fi

zulu() { date -u -d "$1" +%Y-%m-%dT%H:%M:%SZ; }
new_id() { cat /proc/sys/kernel/random/uuid; }
text() { sed -n "s/.*<[a-z]*:*$1[^>]*>\([^<]*\)<.*/\1/p" <<<"$answer" | head -1; }

card() {
  if [ -z "$secret" ]; then return; fi
  local begins ends
  begins=$(zulu "-1 minute")
  ends=$(zulu "+23 hours")
  attribute() { echo "<saml:Attribute Name=\"$1\"><saml:AttributeValue>$2</saml:AttributeValue></saml:Attribute>"; }
  cat <<XML
<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" IssueInstant="$begins" Version="2.0" id="IDCard">
<saml:Issuer>$NPN_SYSTEM</saml:Issuer><saml:Subject><saml:NameID Format="medcom:itsystemname">$NPN_SYSTEM</saml:NameID>
<saml:SubjectConfirmation><saml:ConfirmationMethod>urn:oasis:names:tc:SAML:2.0:cm:holder-of-key</saml:ConfirmationMethod>
<saml:SubjectConfirmationData><wsse:UsernameToken><wsse:Username>$NPN_SYSTEM</wsse:Username><wsse:Password>$secret</wsse:Password>
</wsse:UsernameToken></saml:SubjectConfirmationData></saml:SubjectConfirmation></saml:Subject>
<saml:Conditions NotBefore="$begins" NotOnOrAfter="$ends"/><saml:AttributeStatement id="IDCardData">
$(attribute sosi:IDCardID "$(new_id)")$(attribute sosi:IDCardVersion 1.0.1)$(attribute sosi:IDCardType system)$(attribute sosi:AuthenticationLevel 2)
</saml:AttributeStatement></saml:Assertion>
XML
}

# fault: whether the answer is one. SOAP 1.1 sends it with HTTP status 500, and what went wrong stands in its detail.
fault() { grep -q "<[a-z]*:*Fault[ >]" <<<"$answer"; }

# call OPERATION VALUES MESSAGE_ID: sends the message and leaves the answer in $answer; ends the program at a fault.
call() {
  send "$@"
  if fault; then
    echo "refused: $(text FaultCode) $(text p:Code) $(text p:Field): $(text faultstring)" >&2
    exit 1
  fi
}

# send OPERATION VALUES MESSAGE_ID: sends the message, leaves the answer, a fault or not, in $answer.
send() {
  local level=2
  if [ -z "$secret" ]; then level=1; fi
  answer=$(curl --silent --show-error "${tls[@]}" \
    --header "Content-Type: text/xml; charset=utf-8" --header "SOAPAction: \"urn:npn:analysisidentifier:1:$1\"" \
    --data-binary @- "$NPN_SOAP_URL" <<XML
<?xml version="1.0" encoding="UTF-8"?>
<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Header>
<wsse:Security xmlns:wsse="$wss-secext-1.0.xsd"><wsu:Timestamp xmlns:wsu="$wss-utility-1.0.xsd"><wsu:Created>$(zulu now)</wsu:Created></wsu:Timestamp>
$(card)</wsse:Security>
<medcom:Header xmlns:medcom="$medcom"><medcom:SecurityLevel>$level</medcom:SecurityLevel><medcom:Linking>
<medcom:FlowID>$(new_id)</medcom:FlowID><medcom:MessageID>$3</medcom:MessageID></medcom:Linking></medcom:Header>
</soap:Header><soap:Body><npn:$1Request xmlns:npn="urn:npn:analysisidentifier:1">$2</npn:$1Request></soap:Body></soap:Envelope>
XML
  ) || exit 2 # no answer: send the same message again, with the same MessageID
  case "$answer" in *Envelope*) ;; *) echo "not an answer of the service: ${answer:0:200}" >&2; exit 2 ;; esac
}

message_id=$(new_id) # keep it with the request: the same one again gives the same series
draw="<npn:NumberOfIdentifiers>10</npn:NumberOfIdentifiers><npn:Purpose>curl</npn:Purpose>"
call GetAnalysisIdentifiers "$draw" "$message_id"
first=$(text FirstIdentifier) last=$(text LastIdentifier)
echo "drawn $first $last"
call GetAnalysisIdentifiers "$draw" "$message_id"
echo "repeated $(text FirstIdentifier) $(text LastIdentifier)"
call GetAnalysisIdentifierInformation "<npn:Identifier>$first</npn:Identifier>" "$(new_id)"
echo "found $(text State) $(text SystemName)"
call SetAnalysisIdentifiersFree "<npn:FirstIdentifier>$first</npn:FirstIdentifier><npn:LastIdentifier>$last</npn:LastIdentifier>" "$(new_id)"
echo "released $(text State)"
send GetAnalysisIdentifiers "<npn:NumberOfIdentifiers>0</npn:NumberOfIdentifiers>" "$(new_id)" # to see a fault
echo "refused $(text FaultCode) $(text p:Code)"
