// Advice on receivers and servers that are spoken to by HTTP.
#include "app/advice_tables.h"

namespace veilroute::app {
namespace {

constexpr std::string_view kHttpReceiver = "The receiver.";
constexpr std::string_view kHttpSetting = "The receiver: this is a setting there.";
constexpr std::string_view kHttpCredentials = "The receiver, or the credentials it gave this site.";
constexpr std::string_view kHttpConfiguration = "This site: it is about its configuration.";
constexpr std::string_view kTokenServer = "The server that gives tokens.";
constexpr std::string_view kHttpDeferred =
    "It is tried again by itself, each time after a longer while.";
constexpr std::string_view kObjectsDeferred =
    "Objects of which nothing is known are sent again by themselves.";
constexpr std::string_view kHttpRefused = "It is not tried again by itself.";
constexpr std::string_view kObjectsRefused = "These objects are not tried again by themselves.";
constexpr std::string_view kAskAndRetry =
    "Ask the receiver's administrators. Then `queue retry` sends at once.";
constexpr std::string_view kReportReceiver =
    "Report it to the maker of the receiver. Check with `veilroute echo` that the URL is right.";

constexpr Advice kHttpAdvice[] = {
    // What the receiver's status says
    {"http.bad-request", "The receiver says that it could not read the request.", kHttpReceiver,
     kObjectsRefused, "Look into the receiver's log for what it did not like. Then `queue retry`."},
    {"http.unauthorized", "The receiver does not accept our credentials.", kHttpCredentials,
     kHttpDeferred,
     "Check `token_file`, `oauth`, `cert` and `key` of the destination with the receiver's "
     "administrators."},
    {"http.forbidden", "The receiver knows us and does not let us store.", kHttpSetting,
     kHttpDeferred, "Ask the receiver's administrators for the permission to store (STOW-RS)."},
    {"http.not-stow", "Nothing takes objects at the destination's URL.",
     "This site's configuration, or the receiver's.", kHttpRefused,
     "Check `url`: it is what stands before /studies. Then restart the node and use `queue "
     "retry`."},
    {"http.timeout", "The receiver gave up waiting for our request.",
     "The network between us, or the receiver.", kHttpDeferred,
     "If it happens often, give the destination smaller `batch_bytes`."},
    {"http.too-large", "The receiver does not take a request of this size.", kHttpSetting,
     kObjectsRefused,
     "Have the limit of a request's size raised there, also in what stands before it (a proxy). "
     "Then `queue retry`."},
    {"http.media-type", "The receiver does not take objects of this transfer syntax.", kHttpSetting,
     kObjectsRefused, kAskAndRetry},
    {"http.too-many-requests", "The receiver asks us to send less often.", kHttpReceiver,
     "It is tried again after the time that the receiver asks for, a day at most.",
     "If it stays so, give the destination fewer `associations`."},
    {"http.unavailable", "The receiver is not available at the moment.", kHttpReceiver,
     "It is tried again after the time that the receiver asks for, a day at most.",
     "If it stays so, ask the receiver's administrators."},
    {"http.redirect", "The receiver sends us to another place, which is not followed.",
     "The receiver, or this site's configuration.", kHttpRefused,
     "Find out the right URL, and whether you trust it. Write it into the destination, restart the "
     "node, then `queue retry`."},
    {"http.refused", "The receiver refused the request.", kHttpReceiver, kObjectsRefused,
     kAskAndRetry},
    {"http.server-error", "The receiver failed while it took our objects.", kHttpReceiver,
     kHttpDeferred, "Look into the receiver's log for why."},

    // Answers that are of no use
    {"http.malformed", "What answers there does not speak HTTP as it should.", kHttpReceiver,
     kHttpDeferred, kReportReceiver},
    {"http.answer-too-long", "The receiver's answer is longer than any answer has reason to be.",
     kHttpReceiver, kObjectsDeferred, kReportReceiver},
    {"http.answer-unreadable",
     "The receiver did not say in a readable way which objects it stored.", kHttpReceiver,
     kObjectsDeferred,
     "If the receiver answers queries, set `qido = true`. Else look there, then report it to its "
     "maker."},
    {"http.answer-silent", "The receiver did not say of each object whether it was stored.",
     kHttpReceiver, kObjectsDeferred,
     "If the receiver answers queries, set `qido = true`. Else look there, then report it to its "
     "maker."},
    {"http.answer-early", "The receiver called it done before we had sent everything.",
     kHttpReceiver, kObjectsDeferred, kReportReceiver},
    {"http.not-arrived", "The receiver was asked for an object, and does not have it.",
     kHttpReceiver, "These objects are sent again by themselves.",
     "If it stays so, look into the receiver's log for what becomes of them."},

    // On our side
    {"http.boundary-met", "An object holds by chance the text that parts objects in a request.",
     "Nobody's.", "It is sent again by itself, with another text.", "Nothing needs to be done."},
    {"http.failed", "A connection to the receiver could not be used.", kThisNode, kHttpDeferred,
     "Look into the log for what libcurl says, and try `veilroute echo`."},

    // Tokens
    {"http.token-unreadable", "No token was found where one should be.", kHttpConfiguration,
     kHttpDeferred,
     "Check the file in `token_file`, or what the server of `token_url` answers. A token is one "
     "word."},
    {"http.token-exposed", "Others than the node can read or change the file of a secret.",
     kHttpConfiguration, kHttpDeferred,
     "Close it with chmod 600. Whoever could read it may have it: ask for a new one."},
    {"http.token-refused", "The server that gives tokens does not accept us.",
     "That server, or this site's configuration.", kHttpDeferred,
     "Check `client_id`, the file of the secret and `scope` in the destination's `oauth`."},
    {"http.token-unreachable", "The server that gives tokens does not answer as it should.",
     kTokenServer, kHttpDeferred,
     "Check `token_url` and `ca` in the destination's `oauth`; the log says what failed."},

    // Lists of revoked certificates
    {"tls.certificate-revoked", "The receiver's certificate was revoked.",
     "The receiver: it is about its certificate.", kHttpDeferred,
     "Do not go around it: ask the receiver's administrators why, and for a new certificate."},
    {"tls.crl-missing", "The list of revoked certificates is not of the right authority.",
     kHttpConfiguration, kHttpDeferred,
     "Put the lists of all authorities in `ca` into the file of `crl`."},
    {"tls.crl-expired", "The list of revoked certificates is out of date.", kHttpConfiguration,
     kHttpDeferred, "Fetch the authority's new list, and see that this happens by itself."},
};

}  // namespace

std::span<const Advice> http_advice() { return kHttpAdvice; }

}  // namespace veilroute::app
