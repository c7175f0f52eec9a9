// Advice on what is kept and what was shredded.
#include "app/advice_tables.h"

namespace veilroute::app {
namespace {

constexpr std::string_view kRule = "This site: its configuration says how long, in [retention].";
constexpr std::string_view kGone =
    "The key is gone, so that nothing can open the object, not even the master key.";
constexpr std::string_view kThenShredded = "When its time is over it is shredded.";
constexpr std::string_view kNothing = "Nothing needs to be done.";
constexpr std::string_view kOperator = "This site: an operator asked for it.";
constexpr std::string_view kNotShredded = "Nothing was shredded.";

constexpr Advice kRetentionAdvice[] = {
    {"retention.study-open", "Objects are still arriving, or wait for their plan.", kThisNode,
     "They are kept.", kNothing},
    {"retention.study-held", "The study is on hold, and only a person ends that.", kRule,
     "They are kept without end.",
     "Plan the study afresh with `quarantine resume --study`, or destroy it with `study shred`."},
    {"retention.transfer-open", "A transfer is not over: it waits, is blocked, or is being sent.",
     kThisNode, "They are kept until it is over.",
     "See it in `study show`; `queue withdraw` ends it if it is not to go."},
    {"retention.custody", "Their source was promised that they are kept.", kThisNode,
     kThenShredded, kNothing},
    {"retention.segment-open",
     "Their time is over, but the part of the spool they lie in is still being written.", kThisNode,
     "They are shredded as soon as it is closed: within a quarter of an hour, or at the next start.",
     kNothing},
    {"retention.transfers-ended", "All their transfers are over.", kRule, kThenShredded,
     "Raise `keep` in [retention] and restart the node to keep objects longer."},
    {"retention.superseded", "Other bytes took their place.", kRule, kThenShredded,
     "Raise `superseded` in [retention] and restart the node to keep objects longer."},
    {"retention.unusable", "They could not be used as they came.", kRule, kThenShredded,
     "Have the source send them again. Raise `unusable` in [retention] to keep objects longer."},
    {"retention.lost", "They were damaged or lost on this node's disk.", kRule, kThenShredded,
     "Have the source send them again."},
    {"retention.by-operator", "An operator ordered it.", kOperator, kGone,
     "See with `ledger show --study` who it was."},
    {"study.still-arriving", "Objects of this study still arrive, or wait for their plan.",
     kOperator, kNotShredded, "Ask again once the study is planned or held: see `study show`."},
    {"study.transfers-open", "A transfer of this study is not over.", kOperator, kNotShredded,
     "End it with `queue withdraw` first, or let it be sent."},
    {"study.in-custody", "The source was promised that these objects are kept.", kOperator,
     kNotShredded, "Ask again when that time is over: `study show` says when."},
    {"study.segment-open",
     "The part of the spool in which the study lies is still being written.", kOperator,
     kNotShredded, "Ask again in a quarter of an hour, or after a restart of the node."},
    {"study.nothing-to-shred", "Nothing of this study is left.", kOperator, kNotShredded, kNothing},
    {"retention.clock-jumped",
     "This machine's clock is days ahead of the last time at which the node was seen to run.",
     "This machine: its clock jumped, or the node was off for days.",
     "Nothing is shredded until the node has run for a day by this clock.",
     "Set the clock if it is wrong. If it is right, nothing needs to be done."},
    {"retention.failed", "What is over could not be shredded or cleared away.", kThisNode,
     "It is tried again in the next round.", "Look at the slug beside this event, and at the disk."},
};

}  // namespace

std::span<const Advice> retention_advice() { return kRetentionAdvice; }

}  // namespace veilroute::app
