// Every key the loader knows. reference.md shows this table, and a test compares the two.
#include "config/load.h"

namespace veilroute::config {

const std::vector<KeyInfo>& keys() {
  static const std::vector<KeyInfo> table = {
      {"site", "name", "name", "", "required",
       "The site's name in the ledger; never part of what is sent."},
      {"site", "ae_title", "AE title", "", "required",
       "What sources call us, and what we call ourselves where a destination says nothing else."},
      {"site", "data_dir", "path", "", "\"state\"",
       "Folder of catalog, spool and outbox, relative to the site."},
      {"site", "master_key", "key place", "", "\"file:keys/master.key\"",
       "Where the key stands that opens all others; the file must be readable by its owner alone."},

      {"completion", "quiet", "duration", "100ms to 24h", "\"30s\"",
       "A study is complete when nothing new has come for this long and no association carries "
       "it."},
      {"completion", "longest", "duration", "1s to 30d", "\"15min\"",
       "A study is complete after this long, even if objects keep coming."},

      {"spool", "reserve", "size", "1MiB to 100TiB", "\"512MiB\"",
       "Room that must stay free on the disk of data_dir; below it sources are told to try later. "
       "The "
       "outbox may use the upper half of it, the catalog all."},
      {"spool", "quota", "size", "0B to 1000TiB", "\"0B\"",
       "What the spool may hold; beyond it sources are told to try later. 0B: as much as fits "
       "above "
       "reserve."},

      {"outbox", "quota", "size", "0B to 1000TiB", "\"0B\"",
       "What finished copies may hold until they are sent; beyond it preparation waits. 0B: as "
       "much "
       "as fits."},

      {"commitment", "mode", "choice", "off | custody | archive", "\"off\"",
       "When a source that asks is told that we answer for its objects (storage commitment): "
       "never; "
       "once they are safe here; or once a destination with archive = true has them."},
      {"commitment", "custody", "duration", "1h to 3650d", "\"30d\"",
       "custody: objects that were promised are kept for at least this long after the promise."},
      {"commitment", "archive_within", "duration", "1min to 30d", "\"24h\"",
       "archive: an object that no archive has after this long is reported as failed."},
      {"commitment", "report_for", "duration", "1min to 90d", "\"7d\"",
       "A report that the source does not acknowledge is tried again for this long, then given "
       "up."},

      {"retention", "keep", "duration", "1s to 3650d", "\"7d\"",
       "How long an object is kept after its last transfer ended; then it is shredded."},
      {"retention", "superseded", "duration", "1s to 3650d", "\"1d\"",
       "How long older bytes are kept after others took their place."},
      {"retention", "unusable", "duration", "1s to 3650d", "\"30d\"",
       "How long objects are kept that could not be used as they came, or were damaged since."},
      {"retention", "return_window", "duration", "1d to 3650d", "\"400d\"",
       "How long it is known what an object that went out was here, for answers that come back."},

      {"monitor", "bind", "address and port", "", "none",
       "Where health (/healthz) and metrics for Prometheus (/metrics) can be read: "
       "\"127.0.0.1:9464\"; none: nowhere."},
      {"monitor", "cert", "path", "", "none",
       "Our certificate and those above it, PEM: the pages go over TLS. Beside loopback it must be "
       "there. A new one is used after a restart."},
      {"monitor", "key", "path", "", "none", "The key of cert, PEM."},
      {"monitor", "token_file", "path", "", "none",
       "A file with the token that readers must show (Authorization: Bearer), readable by its owner "
       "alone. Beside loopback it must be there."},

      {"alerts", "digest", "duration", "1min to 24h", "\"15min\"",
       "Changes gather for this long and become one message; what is critical is told at once."},
      {"alerts", "remind", "duration", "1h to 30d", "\"24h\"",
       "What stands for this long is told again."},
      {"alerts", "webhook", "table", "", "none", "Where messages are POSTed as JSON; none: nowhere."},
      {"alerts", "mail", "table", "", "none", "To whom messages are mailed; none: nobody."},
      {"alerts.webhook", "url", "URL", "", "required",
       "\"https://alerts.example/hooks/veilroute\"; plain http only to this machine."},
      {"alerts.webhook", "ca", "path", "", "none",
       "Who must have signed the server's certificate, PEM."},
      {"alerts.webhook", "token_file", "path", "", "none",
       "A file with the token that we show (Authorization: Bearer), readable by its owner alone."},
      {"alerts.mail", "host", "host", "", "required",
       "The mail server; its name must stand in its certificate."},
      {"alerts.mail", "port", "whole number", "1 to 65535", "587", "The mail server's port."},
      {"alerts.mail", "security", "choice", "starttls | tls | none", "\"starttls\"",
       "TLS after a word, or from the first byte; none only to this machine."},
      {"alerts.mail", "ca", "path", "", "none",
       "Who must have signed the server's certificate, PEM."},
      {"alerts.mail", "user", "text", "", "\"\"", "Our name at the mail server; empty: no log-in."},
      {"alerts.mail", "password_file", "path", "", "none",
       "A file with the password, readable by its owner alone."},
      {"alerts.mail", "from", "text", "", "required", "The sender's mail address."},
      {"alerts.mail", "to", "text", "", "required", "Mail addresses, with commas between them."},

      {"log", "level", "choice", "debug | info | warn | error", "\"info\"",
       "The lowest level of events that are written."},
      {"log", "json", "true or false", "", "false",
       "One JSON object a line instead of key=value pairs."},

      {"listener", "name", "name", "", "required", "The listener's name in logs and conditions."},
      {"listener", "protocol", "choice", "dicom | dicom+tls | stow", "required",
       "What is spoken on the port; stow is not spoken by this version."},
      {"listener", "bind", "address and port", "", "required",
       "Where to listen: \"0.0.0.0:11112\", \"[::]:11112\"; port 0 takes any free port."},
      {"listener", "cert", "path", "", "none",
       "dicom+tls: our certificate and those above it, PEM."},
      {"listener", "key", "path", "", "none", "dicom+tls: the key of cert, PEM."},
      {"listener", "client_ca", "path", "", "none",
       "dicom+tls: who must have signed the certificates of callers, PEM."},
      {"listener", "most_associations", "whole number", "1 to 1000", "64",
       "Associations at one time; callers beyond it are told to try later."},
      {"listener", "idle", "duration", "1s to 1h", "\"60s\"",
       "An association that sends nothing for this long, or less than 16 KiB of an object under "
       "way, "
       "is aborted; whole seconds."},
      {"listener", "health_ae", "AE title", "", "none",
       "A called AE title that answers C-ECHO to anybody, for monitors; none: off."},
      {"listener", "private_classes", "true or false", "", "false",
       "Also take objects of SOP classes that the standard does not define."},

      {"source", "name", "name", "", "required", "The source's name in logs and conditions."},
      {"source", "ae_title", "AE title", "", "required", "The calling AE title it must use."},
      {"source", "addresses", "list of networks", "", "[]",
       "Addresses it may call from, such as \"10.20.0.0/16\"; an empty list: any."},
      {"source", "called_ae", "AE title", "", "none",
       "The called AE title it must use; none: the site's."},
      {"source", "cert_sha256", "fingerprint", "", "none",
       "SHA-256 of the certificate it must show, 64 hexadecimal digits; none: any that client_ca "
       "signed."},
      {"source", "listener", "name", "", "none", "The listener it must come through; none: any."},
      {"source", "issuer", "text", "", "\"\"",
       "Issuer of its Patient IDs where an object names none; patients of two issuers are never "
       "one."},
      {"source", "most_associations", "whole number", "0 to 1000", "0",
       "Associations at one time on one listener; callers beyond it are told to try later; 0: as "
       "many "
       "as the listener takes."},
      {"source", "report", "table", "", "none",
       "Where it takes reports of storage commitment; none: only on the association that asks."},

      {"source.report", "protocol", "choice", "dicom | dicom+tls", "\"dicom+tls\"",
       "How to call it; dicom where the source itself comes without TLS."},
      {"source.report", "host", "host", "", "required",
       "Host name or address; with dicom+tls it must stand in the source's certificate."},
      {"source.report", "port", "whole number", "1 to 65535", "required",
       "The port on which it takes reports."},
      {"source.report", "called_ae", "AE title", "", "none",
       "Its AE title there; none: the source's."},
      {"source.report", "ca", "path", "", "none",
       "dicom+tls: who must have signed its certificate, PEM."},
      {"source.report", "cert", "path", "", "none",
       "dicom+tls: our certificate and those above it, PEM."},
      {"source.report", "key", "path", "", "none", "dicom+tls: the key of cert, PEM."},
      {"source.report", "cert_sha256", "fingerprint", "", "none",
       "SHA-256 of its certificate, 64 hexadecimal digits; none: any that ca signed."},

      {"destination", "name", "name", "", "required",
       "The destination's name in routes, logs and the ledger."},
      {"destination", "protocol", "choice", "dicom | dicom+tls | stow", "\"dicom+tls\"",
       "How to send: DICOM, DICOM over TLS, or STOW-RS over HTTPS; dicom only to this machine itself."},
      {"destination", "host", "host", "", "none",
       "dicom, dicom+tls: host name or address; with dicom+tls it must stand in the receiver's "
       "certificate."},
      {"destination", "port", "whole number", "1 to 65535", "none",
       "dicom, dicom+tls: the receiver's port."},
      {"destination", "called_ae", "AE title", "", "none",
       "dicom, dicom+tls: the receiver's AE title."},
      {"destination", "calling_ae", "AE title", "", "none",
       "What we call ourselves there; none: the site's AE title."},
      {"destination", "ca", "path", "", "none",
       "dicom+tls, stow: who must have signed the receiver's certificate, PEM."},
      {"destination", "cert", "path", "", "none",
       "dicom+tls: our certificate and those above it, PEM; stow: where the receiver asks for it."},
      {"destination", "key", "path", "", "none", "The key of cert, PEM."},
      {"destination", "cert_sha256", "fingerprint", "", "none",
       "SHA-256 of the receiver's certificate, 64 hexadecimal digits; none: any that ca signed."},
      {"destination", "associations", "whole number", "1 to 64", "2",
       "Associations at one time to this destination."},
      {"destination", "scope", "scope", "destination | site | project:NAME", "\"destination\"",
       "Within what a patient keeps the same pseudonym."},
      {"destination", "archive", "true or false", "", "false",
       "Objects that it has taken are kept there for good: storage commitment may rest on it."},
      {"destination", "url", "URL", "", "none",
       "stow: where /studies is found below, such as \"https://pacs.example/dicom-web\"; http only "
       "to this machine itself."},
      {"destination", "crl", "path", "", "none",
       "stow: list of revoked certificates of the authorities in ca, PEM; none: none is asked."},
      {"destination", "token_file", "path", "", "none",
       "stow: file of the bearer token that is shown; read again when it changes."},
      {"destination", "oauth", "table", "", "none",
       "stow: where a bearer token is fetched, in place of token_file."},
      {"destination", "batch_bytes", "size", "1MiB to 1TiB", "\"64MiB\"",
       "stow: objects go together in one request up to this size; a larger one goes alone."},
      {"destination", "batch_objects", "whole number", "1 to 1000", "50",
       "stow: at most so many objects go together in one request."},
      {"destination", "say_syntax", "true or false", "", "false",
       "stow: name each object's transfer syntax beside the object, too; some receivers take none "
       "that way."},
      {"destination", "qido", "true or false", "", "false",
       "stow: ask by QIDO-RS for objects whose answer was lost; false: they are sent again."},
      {"destination", "gate", "table", "", "none",
       "The approval of this destination; without it nothing is sent there."},
      {"destination", "retry", "table", "", "{}", "When to try again what could not be sent."},
      {"destination", "connect_timeout", "duration", "1s to 5min", "\"15s\"",
       "How long a connection may take to stand, TLS included; whole seconds."},
      {"destination", "answer_timeout", "duration", "1s to 1h", "\"60s\"",
       "How long the receiver may take for one answer; whole seconds."},

      {"destination.oauth", "token_url", "URL", "", "required",
       "Where a token is given for client credentials; http only on this machine itself."},
      {"destination.oauth", "client_id", "text", "", "required", "What we are called there."},
      {"destination.oauth", "client_secret_file", "path", "", "required",
       "File of the secret that proves it; closed to others than the node."},
      {"destination.oauth", "scope", "text", "", "\"\"",
       "What the token is asked for, in the words of that server; empty: nothing is said."},
      {"destination.oauth", "ca", "path", "", "none",
       "Who must have signed the certificate of token_url, PEM; none: the destination's ca."},

      {"destination.gate", "basis", "choice",
       "de-identified | expert-determination | treatment | authorization | limited-data-set | baa "
       "| waiver",
       "required", "The legal basis on which data may go there; routes to it must have the same."},
      {"destination.gate", "document", "text", "", "\"\"",
       "The agreement or ruling that says so; may be left out for treatment alone."},
      {"destination.gate", "valid_until", "date", "", "required",
       "The last day on which anything is sent, in UTC."},
      {"destination.gate", "approved_by", "text", "", "required",
       "Who approved it: an office or a role."},

      {"destination.retry", "first_delay", "duration", "1s to 24h", "\"30s\"",
       "Wait after the first failure; it doubles each time; whole seconds."},
      {"destination.retry", "longest_delay", "duration", "1s to 7d", "\"1h\"",
       "No wait is longer than this; whole seconds."},
      {"destination.retry", "most_attempts", "whole number", "0 to 100000", "0",
       "After so many attempts a transfer is refused; 0: there is no end."},

      {"route", "name", "name", "", "required", "The route's name in logs and the ledger."},
      {"route", "enabled", "true or false", "", "true",
       "false: the route takes no study, and nothing of it is sent."},
      {"route", "when", "condition", "", "required",
       "Takes a study if any one of its objects satisfies all of this."},
      {"route", "include", "condition", "", "none",
       "Sends only the objects that satisfy this; none: all objects of the study."},
      {"route", "destination", "name", "", "required", "Where the study goes."},
      {"route", "profile", "name", "", "required", "How it is de-identified."},
      {"route", "basis", "choice",
       "de-identified | expert-determination | treatment | authorization | limited-data-set | baa "
       "| waiver",
       "required", "The legal basis of sending; destination and profile must allow it."},
      {"route", "consent", "table", "", "required", "Whether the patient must have consented."},
      {"route", "pixels", "table", "", "{}", "What is known of text inside the pictures."},

      {"route.consent", "required", "true or false", "", "true",
       "true needs consent records, which this version does not keep: state false, with a reason."},
      {"route.consent", "reason", "text", "", "\"\"", "Why no consent is needed."},

      {"route.pixels", "trust", "text", "", "\"\"",
       "The document that says these sources burn no identifying text into pixels; without it, "
       "objects that look suspicious are quarantined."},
  };
  return table;
}

}  // namespace veilroute::config
