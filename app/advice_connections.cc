// Advice on connections: receivers, the way to them, and sources that call.
#include "app/advice_tables.h"

namespace veilroute::app {
namespace {

constexpr std::string_view kReceiver = "The receiver.";
constexpr std::string_view kReceiverSetting = "The receiver: this is a setting there.";
constexpr std::string_view kReceiverCertificate = "The receiver: it is about its certificate.";
constexpr std::string_view kBetween = "The network between this node and the receiver.";
constexpr std::string_view kConfiguration = "This site: it is about its configuration.";
constexpr std::string_view kDeferred =
    "It is tried again by itself, each time after a longer while.";
constexpr std::string_view kSuspended =
    "The destination is suspended once a transfer meets this. One probe leaves every 15 minutes.";
constexpr std::string_view kRefused = "It is not tried again by itself.";
constexpr std::string_view kAtStart = "The node tries again at its next start.";
constexpr std::string_view kEcho =
    "Try the connection with `veilroute echo` and the destination's name.";
constexpr std::string_view kAskReceiver =
    "Ask the receiver's administrators. Then `queue retry` sends at once.";
constexpr std::string_view kMendCertificate =
    "Ask the receiver's administrators for the right certificate. Then `veilroute destination resume` "
    "tries at once.";
constexpr std::string_view kSourceSide = "The source: it called us in a way that does not fit.";
constexpr std::string_view kTurnedAway =
    "The source was turned away; it may call again at any time.";

constexpr std::string_view kCommitmentSource = "The source that asked for commitment.";
constexpr std::string_view kReportAgain =
    "The report is tried again by itself until report_for is over.";
constexpr std::string_view kCommitmentRefused =
    "The request was refused. Nothing was promised, and the objects are handled as ever.";

constexpr Advice kConnectionAdvice[] = {
    // The network
    {"network.unreachable", "Nobody answers at the destination's address and port.",
     "The receiver is down, or the network between us.", kDeferred,
     "Check host and port in the destination, firewalls, and whether the receiver runs. Then try "
     "`veilroute echo`."},
    {"network.unknown-host", "The destination's host name leads to no address.",
     "This site's configuration, or its name server.", kDeferred,
     "Check the host name in the destination, and ask your name server for it."},
    {"network.timeout", "The receiver did not answer in time.", kReceiver, kDeferred,
     "Ask whether the receiver is overloaded. If it is only slow, give the destination a longer "
     "answer_timeout."},
    {"network.lost", "The connection to the receiver broke.", kBetween, kDeferred,
     "If it happens often, have the network and the receiver's log looked at."},
    {"network.closed", "The receiver closed the connection in the middle.", kReceiver, kDeferred,
     "Look into the receiver's log for why. Often it is a limit or a time-out there."},
    {"network.stopped", "The node was stopping.", kThisNode, "It goes on at the next start.",
     "Start the node again."},
    {"network.cannot-listen", "A listener's address or port cannot be opened.", kConfiguration,
     kAtStart,
     "See whether another program has the port, and whether the address is one of this machine. "
     "Ports below 1024 need a special right."},
    {"network.no-descriptors", "The node has as many connections open as the system allows.",
     kThisNode, kTurnedAway,
     "Raise the limit of open files for the node (LimitNOFILE in its service)."},
    {"network.too-few-descriptors",
     "The system allows the node fewer open files and sockets than its configuration may need.",
     kThisNode, "The node runs. When they are used up, callers are turned away.",
     "Raise the hard limit (LimitNOFILE in its service), or lower most_associations of the "
     "listeners. Then restart the node."},
    {"network.too-many-half-open", "Too many connections from one address say nothing.",
     "Whoever calls from that address.", kTurnedAway,
     "Find out what calls there: often a monitor or a scanner of the network."},

    // TLS
    {"tls.certificate-expired", "The receiver's certificate is over its last day.",
     kReceiverCertificate, kSuspended,
     "Ask the receiver to renew its certificate. Check this machine's clock, too."},
    {"tls.certificate-not-yet-valid", "The receiver's certificate is not valid yet.",
     "The receiver's certificate, or the clock of this machine.", kSuspended,
     "Check this machine's clock first."},
    {"tls.unknown-ca",
     "The receiver's certificate was not signed by the authority you trust for it.",
     "The receiver's certificate, or the `ca` of the destination.", kSuspended,
     "Ask the receiver who signs its certificates, and name that authority as `ca` of the "
     "destination."},
    {"tls.wrong-host", "The receiver's certificate is for another host name.",
     "The receiver's certificate, or the `host` of the destination.", kSuspended,
     "Write the name that stands in the certificate as `host`, or ask for a certificate with "
     "yours."},
    {"tls.wrong-pin", "The receiver shows another certificate than the one you pinned.",
     "The receiver renewed its certificate, or somebody stands in between.", kSuspended,
     "Ask the receiver by telephone for its new fingerprint before you change `cert_sha256`."},
    {"tls.wrong-purpose", "The receiver's certificate is not made for a server.",
     kReceiverCertificate, kSuspended, kMendCertificate},
    {"tls.certificate-too-weak",
     "The receiver's certificate has a short key or an outdated digest.", kReceiverCertificate,
     kSuspended, kMendCertificate},
    {"tls.certificate-rejected", "The receiver's certificate was not accepted.",
     kReceiverCertificate, kSuspended, kMendCertificate},
    {"tls.certificate-missing", "The other side showed no certificate.",
     "The other side: it has to show who it is.", "No connection is made without one.",
     "Have the other side set up its certificate."},
    {"tls.peer-rejects-us", "The receiver does not accept our certificate.",
     "The receiver does not know ours, or ours has run out.", kDeferred,
     "Give the receiver the authority that signed your certificate. Check `cert` and `key` of the "
     "destination, and the certificate's last day."},
    {"tls.no-common-version",
     "The receiver speaks no TLS version that is safe: 1.2 or later is "
     "needed.",
     kReceiverSetting, kDeferred, kAskReceiver},
    {"tls.not-tls", "The other side does not speak TLS on this port.",
     "The port, here or there, is one for plain DICOM.", kDeferred,
     "Ask for the receiver's TLS port: often 2762."},
    {"tls.handshake-failed", "The receiver broke off while the TLS connection was being made.",
     kReceiver, kDeferred,
     "Look into the receiver's log: it may want another certificate or another cipher suite."},
    {"tls.file-unreadable", "A certificate or key of the configuration cannot be read.",
     kConfiguration, kAtStart,
     "Check that the file is there, is PEM, and may be read by the node. `veilroute check` names "
     "it."},
    {"tls.key-mismatch", "A private key of the configuration does not belong to its certificate.",
     kConfiguration, kAtStart, "Name the key that the certificate was made with."},
    {"tls.key-too-weak", "A key of the configuration is too short to be safe.", kConfiguration,
     kAtStart, "Make a new certificate with an RSA key of 2048 bits or more, or an EC key of 256."},

    // Associations
    {"association.rejected", "The receiver rejects our associations.",
     "The receiver: most often it does not know our AE title or address.",
     "It is tried a few times more; then it waits for a person.",
     "Have the receiver enter our AE title and address. Check called_ae of the destination. Then "
     "use "
     "`queue retry`."},
    {"association.rejected-for-now", "The receiver rejects associations for the moment.", kReceiver,
     kDeferred, "Nothing at first. If it stays so, give the destination fewer `associations`."},
    {"association.aborted", "The other side broke off the association.", kReceiver, kDeferred,
     "Look into its log for why."},
    {"association.released", "The other side ended the association before all was done.", kReceiver,
     kDeferred, "Look into its log for why."},
    {"association.malformed", "The other side says something that does not fit the DICOM protocol.",
     kReceiver, kDeferred,
     "Check that the port is a DICOM port, and report it to the maker there."},
    {"association.application-context",
     "A source called with an application context that is not "
     "DICOM's.",
     kSourceSide, kTurnedAway, "Check what calls there: it may not be a DICOM system."},
    {"association.protocol-version", "A source called with a protocol version that does not exist.",
     kSourceSide, kTurnedAway, "Check what calls there: it may not be a DICOM system."},
    {"association.unknown-source", "Somebody called that is not one of the configured sources.",
     "The caller, or this site's configuration.", kTurnedAway,
     "If it is yours, add a source with its AE title and address, and restart the node."},
    {"association.wrong-called-ae", "A source called by an AE title that is not ours.",
     "The source: it is set to another AE title.", kTurnedAway,
     "Set our AE title at the source, or write its `called_ae` into the source's block."},
    {"association.limit-reached", "A listener has as many associations as it takes.", kThisNode,
     kTurnedAway, "Raise most_associations of the listener, if the machine can bear more."},
    {"association.source-limit-reached", "A source has as many associations as it may have.",
     kSourceSide, kTurnedAway,
     "Have the source open fewer at one time, or raise most_associations in its block."},
    {"association.no-thread", "The system gives no thread for another association.", kThisNode,
     kTurnedAway,
     "Raise the system's limit of threads for the node (TasksMax in its unit), or lower "
     "most_associations of the listeners."},
    {"association.no-id", "No number could be given to a new association.",
     "This node: its catalog does not answer.", kTurnedAway,
     "Look into the log for what the catalog says; often the disk is full."},
    {"association.too-many-probes", "Calls of the health check come faster than they are answered.",
     "The monitor that sends them.", kTurnedAway, "Have the monitor ask less often."},

    // Storage commitment
    {"commitment.nowhere-to-report",
     "A source asked us to answer for objects and left; nothing says where it takes the report.",
     kConfiguration, kReportAgain,
     "Write report = { host, port } into the source's block, as its maker says, and restart the "
     "node."},
    {"commitment.report-refused", "The source took our report and did not accept it.",
     kCommitmentSource, kReportAgain,
     "Look at the source whether it still knows its request. If it asks again, it is told again."},
    {"commitment.context-rejected", "The source does not take reports of commitment there.",
     kCommitmentSource, kReportAgain,
     "Check host, port and called_ae in the source's report. Some devices take reports on a port "
     "of their own."},
    {"commitment.unreadable", "A request for commitment could not be read.", kCommitmentSource,
     kCommitmentRefused, "Report it to the maker of the source."},
    {"commitment.no-data-set", "A request for commitment came without its list of objects.",
     kCommitmentSource, kCommitmentRefused, "Report it to the maker of the source."},
    {"commitment.no-such-class", "A request was not about storage commitment at all.",
     kCommitmentSource, kCommitmentRefused, "Report it to the maker of the source."},
    {"commitment.no-such-instance", "A request named another instance than the well-known one.",
     kCommitmentSource, kCommitmentRefused, "Report it to the maker of the source."},
    {"commitment.no-such-action", "A request asked for an action that does not exist.",
     kCommitmentSource, kCommitmentRefused, "Report it to the maker of the source."},
    {"commitment.too-many-references", "A request was about more objects than one may be about.",
     kCommitmentSource, kCommitmentRefused,
     "Have the source ask for fewer objects at once; the limit is 10,000."},
    {"commitment.too-many", "A source has as many requests open as we take of one.",
     "The source, or an archive that has not taken its objects.", kCommitmentRefused,
     "See what waits with `veilroute commitment list`, and why."},

    // Sending
    {"sender.context-rejected",
     "The receiver does not take objects of this kind, or not in this transfer syntax.",
     kReceiverSetting, "These objects are not tried again by themselves.",
     "Ask the receiver to enable this SOP class and transfer syntax. Then use `queue retry`."},
    {"sender.object-refused", "The receiver took the object and then refused it.", kReceiverSetting,
     "Refused objects are not tried again by themselves.",
     "See its status with `ledger show --transfer`, ask the receiver, then use `queue retry`."},
    {"sender.receiver-busy", "The receiver has no room at the moment.", kReceiver, kDeferred,
     "If it stays so, ask the receiver to make room."},
    {"sender.echo-refused", "The receiver takes connections but does not answer C-ECHO.",
     kReceiverSetting, "Sending is not hindered by this.",
     "Send something and see; if that works, nothing needs to be done."},
    {"sender.stopped", "The node was stopped while it was sending.", kThisNode,
     "What was not confirmed is sent again at the next start.", "Start the node again."},
    {"sender.tls-required",
     "The destination is on another machine and is reached without encryption.", kConfiguration,
     kRefused,
     "Set `protocol = \"dicom+tls\"` for the destination, or an https URL. Restart the node, then use "
     "`queue retry`."},
    {"peer.objects-refused", "The receiver refused one or more objects.", kReceiverSetting,
     "Refused objects are not tried again by themselves; the others were sent.",
     "See the status of each with `ledger show --transfer`, ask the receiver, then use `queue "
     "retry`."},
    {"peer.objects-deferred", "The receiver put off one or more objects.", kReceiver, kDeferred,
     kEcho},
};

}  // namespace

std::span<const Advice> connection_advice() { return kConnectionAdvice; }

}  // namespace veilroute::app
