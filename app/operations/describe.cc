#include "app/operations/describe.h"

#include <algorithm>

namespace veilroute::app {
namespace {

std::string word(std::string_view text) { return std::string(text); }

json count_by_state(const std::vector<store::TransferObject>& objects) {
  json counts = json::object();
  for (const auto& object : objects) {
    const std::string state = word(store::to_string(object.state));
    counts[state] = counts.value(state, std::uint64_t{0}) + 1;
  }
  return counts;
}

json describe_item(const ledger::Item& item, bool identified) {
  json out = {{"object", item.object.value}};
  if (!item.state.empty()) out["state"] = item.state;
  if (!item.reason.empty()) out["reason"] = item.reason;
  if (item.digest != Digest{}) out["digest"] = to_hex(item.digest);
  if (item.bytes != 0) out["bytes"] = item.bytes;
  if (identified && !item.sealed.empty()) out["identified"] = item.sealed;
  return out;
}

}  // namespace

json describe(const store::Study& study) {
  json out = {{"study", study.key.value},
              {"generation", study.generation},
              {"state", word(store::to_string(study.state))},
              {"first_at", to_text(study.first_at)},
              {"last_at", to_text(study.last_at)}};
  if (!study.reason.empty()) out["reason"] = study.reason;
  if (!study.readable) out["reason"] = store::kHoldRowUnreadable;
  if (study.state == store::StudyState::open) out["complete_at"] = to_text(study.complete_at);
  if (study.objects.empty()) return out;
  json counts = json::object();
  json unusable = json::array();
  for (const auto& object : study.objects) {
    const std::string state = word(store::to_string(object.state));
    counts[state] = counts.value(state, std::uint64_t{0}) + 1;
    if (object.facts.unusable.empty()) continue;
    unusable.push_back({{"object", object.head.id.value},
                        {"reason", object.facts.unusable},
                        {"at", object.facts.unusable_at}});
  }
  out["objects"] = counts;
  if (!unusable.empty()) out["unusable"] = unusable;
  return out;
}

json describe_identity(const store::Study& study) {
  return {{"study_uid", study.uid.value},
          {"patient_id", study.patient_id.reveal()},
          {"issuer", study.issuer.reveal()}};
}

json describe(const store::Transfer& transfer) {
  json out = {{"transfer", transfer.id.value},
              {"study", transfer.study.value},
              {"generation", transfer.generation},
              {"route", transfer.plan.route.value},
              {"destination", transfer.plan.destination.value},
              {"profile", transfer.plan.profile.value},
              {"profile_version", transfer.plan.profile_version.value},
              {"basis", transfer.plan.basis},
              {"state", word(store::to_string(transfer.state))},
              {"attempts", transfer.attempts},
              {"created_at", to_text(transfer.created_at)},
              {"objects", count_by_state(transfer.objects)}};
  if (!transfer.reason.empty()) out["reason"] = transfer.reason;
  if (transfer.state == store::TransferState::deferred) out["due_at"] = to_text(transfer.due_at);
  return out;
}

json describe(const store::RouteSum& sum) {
  return {{"route", sum.route.value},
          {"destination", sum.destination.value},
          {"live", sum.live},
          {"sent", sum.sent},
          {"excluded", sum.excluded},
          {"quarantined", sum.quarantined},
          {"refused", sum.refused},
          {"withdrawn", sum.withdrawn},
          {"waiting", sum.waiting},
          {"closes", sum.closes()}};
}

json describe(const store::TransferObject& object) {
  json out = {{"object", object.object.value}, {"state", word(store::to_string(object.state))}};
  if (!object.reason.empty()) out["reason"] = object.reason;
  json findings = json::array();
  for (const auto& finding : object.findings) {
    findings.push_back({{"at", finding.path}, {"rule", finding.rule}, {"advice", finding.advice}});
  }
  if (!findings.empty()) out["findings"] = findings;
  return out;
}

json describe(const ledger::Entry& entry, bool identified) {
  json out = {{"sequence", entry.sequence},
              {"at", to_text(entry.at)},
              {"kind", word(ledger::to_string(entry.kind))},
              {"node", entry.node},
              {"epoch", entry.epoch}};
  if (entry.study.value != 0) out["study"] = entry.study.value;
  if (entry.transfer.value != 0) out["transfer"] = entry.transfer.value;
  if (entry.patient_ref != Digest{}) out["patient_ref"] = to_hex(entry.patient_ref);
  if (!entry.fields.empty()) out["fields"] = entry.fields;
  if (identified && !entry.sealed.empty()) out["identified"] = entry.sealed;
  json items = json::array();
  for (const auto& item : entry.items) items.push_back(describe_item(item, identified));
  if (!items.empty()) out["items"] = items;
  return out;
}

json describe(const ledger::Inspection& inspection) {
  json out = {{"ok", inspection.ok},
              {"entries", inspection.entries},
              {"checkpoints", inspection.checkpoints},
              {"head", to_hex(inspection.head)}};
  if (!inspection.ok) {
    out["bad_sequence"] = inspection.bad_sequence;
    out["slug"] = inspection.slug;
    out["advice"] = inspection.advice;
  }
  return out;
}

}  // namespace veilroute::app
