// Advice on studies on hold, gates that are shut, and transfers that wait or are over.
#include "app/advice_tables.h"

namespace veilroute::app {
namespace {

constexpr std::string_view kConfigured = "This site: its configuration says so.";
constexpr std::string_view kContradicts = "The source: its objects contradict one another.";
constexpr std::string_view kHeld = "The study is kept and goes nowhere until a person resumes it.";
constexpr std::string_view kGateShut =
    "Nothing is sent. The gate is asked again every minute, and opens by itself once this is "
    "mended.";
constexpr std::string_view kCorrectStudy =
    "Have the source correct the study and send it again under a new Study Instance UID.";

constexpr Advice kStudyAdvice[] = {
    {"study.no-route", "No route of the configuration takes this study.", kConfigured,
     "The study is kept. An object that comes later lifts the hold, and so do you.",
     "Ask `explain` with the study's number why no route took it. Add or mend a route, restart the "
     "node, and give the study to `quarantine resume --study`."},
    {"study.all-excluded",
     "Routes take this study, but their include rules leave out every object.", kConfigured, kHeld,
     "Look at the include rules with `explain`; change them if objects should have gone. Then "
     "restart "
     "the node, and give the study to `quarantine resume --study`."},
    {"study.nothing-usable", "No object of this study can be used as it came.",
     "The source: it sent damaged objects.", kHeld,
     "See the reason of each with `study show`, and have the source send the study again."},
    {"study.salvaged", "The catalog was lost, so it is not known what was sent of this before.",
     "This node.", kHeld,
     "Find out whether the receiver has it. If not, give the study to `quarantine resume --study`, "
     "or the transfer to `queue retry --transfer`."},
    {"study.row-unreadable",
     "What the catalog keeps of this study cannot be opened: a seal does not agree.",
     "This node's disk, or somebody who changed its files.", kHeld,
     "Look into the system's log for errors of the disk. Then have the source send the study again "
     "under a new Study Instance UID."},
    {"study.two-patients", "Objects of this study name two different patients.", kContradicts,
     kHeld,
     "Find out at the source whose study it is. Have it corrected and sent again under a new Study "
     "Instance UID."},
    {"study.instance-in-two-studies", "An object of this study came in another study as well.",
     kContradicts, kHeld, kCorrectStudy},
    {"study.instance-in-two-classes", "One SOP Instance UID stands for two kinds of objects here.",
     kContradicts, kHeld, kCorrectStudy},
    {"study.route-incomplete",
     "A route takes this study, but its destination or its profile is not there.", kConfigured,
     kHeld,
     "Run `veilroute check` and mend what it names. Then restart the node, and give the study "
     "to `quarantine resume --study`."},
    {"study.unreadable-object", "An object of this study cannot be read back from the spool.",
     "This node's disk.", kHeld, "Check the disk, then have the source send the study again."},
    {"gate.route-unknown", "The configuration has no such route any more.", kConfigured, kGateShut,
     "Put the route back, or end the transfer with `queue withdraw`."},
    {"gate.route-disabled", "The route of this transfer is disabled.", kConfigured, kGateShut,
     "Set `enabled = true` in the route and restart the node, or end it with `queue withdraw`."},
    {"gate.destination-unknown", "The configuration has no such destination any more.", kConfigured,
     kGateShut, "Put the destination back and restart the node, or end it with `queue withdraw`."},
    {"gate.not-encrypted",
     "The destination is on another machine and is reached without encryption.", kConfigured,
     kGateShut, "Set `protocol = \"dicom+tls\"` for the destination, with its certificates."},
    {"gate.not-approved", "Nobody has approved this destination.", kConfigured, kGateShut,
     "Get the approval, and write the destination's gate: basis, document, valid_until, "
     "approved_by."},
    {"gate.no-validity", "The approval of this destination does not say until when it holds.",
     kConfigured, kGateShut, "Write `valid_until` as a date into the destination's gate."},
    {"gate.expired", "The approval of this destination is over.",
     "This site and the receiver: the agreement has run out.", kGateShut,
     "Renew the agreement, then set `valid_until` in the destination's gate and restart the node."},
    {"gate.basis-unknown", "The route names a legal basis that does not exist.", kConfigured,
     kGateShut, "Run `veilroute check`: it lists the words that a basis may be."},
    {"gate.basis-not-allowed", "The destination is not approved for the route's legal basis.",
     kConfigured, kGateShut,
     "Have the destination approved for this basis, or give the route the approved one."},
    {"gate.profile-changed", "The profile does not come out as it was when the study was planned.",
     "This site: the program or its tables were renewed meanwhile.",
     "Nothing is sent: nobody has approved other rules for this study.",
     "Have it planned again under the profile as it is now, with `study replan`; or end the transfer "
     "with `queue withdraw`."},
    {"gate.pixel-trust-ended",
     "The route does not name the document any more by which suspicious pixels were trusted.",
     kConfigured, kGateShut,
     "Have it planned again as the route is now, with `study replan`. Or name the document again, or "
     "end the transfer with `queue withdraw`."},
    {"gate.profile-too-weak", "The route's profile is not strict enough for its legal basis.",
     kConfigured, kGateShut,
     "Give the route a profile that names this basis: `veilroute profile list` shows them."},
    {"gate.consent-missing", "The route needs the patient's consent, and none is on record.",
     kConfigured, kGateShut,
     "Say in the route why no consent is needed, if that is so; else end it with `queue "
     "withdraw`."},
    {"gate.consent-unexplained", "The route does not say why it needs no consent.", kConfigured,
     kGateShut, "Write `consent = { required = false, reason = \"...\" }` into the route."},
    {"quarantine", "One or more objects did not come out clean, so the whole transfer waits.",
     "This site: a person has to look.", "Nothing of this transfer is sent before that.",
     "See each finding with `quarantine show`. Then `quarantine resume` prepares again, or "
     "`quarantine withdraw` gives those objects up so that the rest can go."},
    {"transfer.all-excluded",
     "The route's include rule leaves out every object of this generation.", kConfigured,
     "There is nothing to send, so the transfer is over.",
     "Nothing needs to be done, unless objects should have gone: then look at `explain`."},
    {"route.withdrawn-before",
     "An operator withdrew the earlier transfer of this study by this route.",
     "This site: an operator decided so.", "Objects that came later wait, and are not sent.",
     "End this transfer with `queue withdraw` too, if the decision still holds. If not, `study replan` "
     "plans it again, and later objects go as well."},
    {"route.gone", "The route that took this study before is not in the configuration any more.",
     kConfigured, "Objects that came later wait, and are not sent by this route.",
     "Put the route back, restart the node and use `study replan`; or end it with `queue withdraw`."},
    {"withdrawn.then-replanned",
     "An operator withdrew it, and had later objects of the study planned again.",
     "This site: an operator decided so.",
     "This transfer is over; what comes later for the study goes by this route again.",
     "Nothing needs to be done."},
    {"withdrawn.by-operator", "An operator withdrew it.", "This site: an operator decided so.",
     "It is over. What was sent before stays sent, and the ledger says who withdrew the rest.",
     "Nothing needs to be done."},
    {"withdrawn.while-sending", "An operator withdrew it while it was being sent.",
     "This site: an operator decided so.",
     "Sending stops between two objects; what has left by then is in the ledger.",
     "See with `ledger show --transfer` what had left."},
    {"attempt.interrupted", "The node ended while it was sending.", "This node.",
     "What was not confirmed is sent again at once; the receiver sees the same objects, not new "
     "ones.",
     "Nothing needs to be done. If it happens often, look into the log for why the node ends."},
    {"attempt.not-recovered",
     "What came of an attempt that the node's end broke off could not be written down.",
     "This node's disk, or somebody who changed its files.",
     "The transfer stays as it is, and nothing of it is sent. The next start tries again.",
     "Look into the system's log for errors of the disk, and see with `ledger show --transfer` what "
     "had left."},
    {"attempts.exhausted", "The receiver was tried as often as the configuration allows.",
     "The receiver, or the way to it.", "It is not tried again by itself.",
     "Ask `veilroute echo` what is wrong with the destination, mend it, then use `queue retry`."},
    {"attempts.held", "The receiver was tried as often as the configuration allows.",
     "The receiver, or the way to it.", "It waits for a person; nothing of it is lost.",
     "See with `ledger show --transfer` why the last try failed, have it mended, then use `queue "
     "retry`."},
    {"destination.paused", "The destination is paused, so nothing leaves for it.",
     "This site: an operator decided so.",
     "It goes on by itself once the pause is over, or is ended.",
     "See with `veilroute destination list` who paused it and until when. `queue resume` ends it."},
};

}  // namespace

std::span<const Advice> study_advice() { return kStudyAdvice; }

}  // namespace veilroute::app
