// Advice on what the watch sees coming: disk, certificates, approvals, work that waits.
#include "app/advice_tables.h"

namespace veilroute::app {
namespace {

constexpr std::string_view kUnchanged = "Nothing is lost; the node goes on as it is.";
constexpr std::string_view kSendersWait =
    "Sources are told that there is no room (A700), and nothing that was acknowledged is lost.";
constexpr std::string_view kFreeTheDisk =
    "Make room on the disk that holds the site's state folder, or shorten [retention] in site.toml.";
constexpr std::string_view kOurFile = "This site: it is about a file in its configuration.";
constexpr std::string_view kOffice = "Whoever keeps this site's agreements.";

constexpr Advice kWatchAdvice[] = {
    {"watch.not-accepting", "Nothing more is acknowledged to any source.", kThisNode, kSendersWait,
     "Look at the other conditions, and at the log for the reason that stands with this one."},
    {"watch.disk-full", "The disk is full but for its reserve.", "This node's disk.", kSendersWait,
     kFreeTheDisk},
    {"watch.disk-low", "Little room is left on the disk.", "This node's disk.", kUnchanged,
     kFreeTheDisk},
    {"watch.quota-low", "The quota for this part of the site's state is nearly used up.",
     "This site's configuration.", kUnchanged,
     "Raise the quota in site.toml, or find out with `queue list` why so much waits."},
    {"watch.certificate-unreadable", "A certificate's file cannot be read.", kOurFile,
     "No connection is made with it.",
     "Put the file back, in PEM form, readable for the node's user; `check` names the line."},
    {"watch.certificate-ends", "A certificate ends soon.", kOurFile,
     "It is used until then. A new file in its place is used for the next connection, without a "
     "restart.",
     "Have it renewed, and put the new file in the place of the old one."},
    {"watch.certificate-ended", "A certificate has ended.", kOurFile,
     "Connections with it fail; transfers wait and are tried again.",
     "Have it renewed, and put the new file in the place of the old one; no restart is needed."},
    {"watch.not-approved", "A destination has no approval.", kOffice, "Nothing is sent there.",
     "Write its gate into its block when the agreement is signed, or remove the destination."},
    {"watch.approval-ends", "A destination's approval ends soon.", kOffice,
     "It is sent to until its last day; then its transfers wait.",
     "Have the agreement renewed, and write the new last day into the destination's gate."},
    {"watch.approval-ended", "A destination's approval has ended.", kOffice,
     "Nothing is sent there; what arrives for it waits.",
     "Have the agreement renewed, and write the new last day into the destination's gate."},
    {"watch.quarantine", "Transfers wait in quarantine.", "Named with each of them.",
     kInQuarantine, "See `quarantine list`, and decide about each."},
    {"watch.blocked", "Transfers wait behind a gate that is shut.", "Named by the reason.",
     "They go by themselves once the gate opens.",
     "See `queue list`: the reason stands with each of them."},
    {"watch.destination-away", "A destination does not take what it should.",
     "The receiver's, or the way to it.", "It is tried again and again.",
     "Ask it with `echo`: it says how far the way goes. Then call the receiver."},
    {"watch.backlog", "Transfers have waited for hours though nothing failed.", kThisNode,
     "They go when their turn comes.",
     "See `queue list`; allow the destination more associations if its line has room."},
    {"watch.studies-held", "Studies are held; nothing of them goes anywhere.",
     "Named by the reason.", "They wait for a person.",
     "See `study list`: the reason stands with each of them."},
};

}  // namespace

std::span<const Advice> watch_advice() { return kWatchAdvice; }

}  // namespace veilroute::app
