// study.shred, and what study.show says of how long objects are kept.
#include "app/operations/retention.h"

#include <map>
#include <set>

#include "app/operations/operation.h"
#include "router/retention.h"

namespace veilroute::app {
namespace {

/// What objects that are listed together have in common.
struct Fate {
  bool shredded = false;
  std::string reason;
  std::string at;  ///< until when, or when; empty: no time is known
  auto operator<=>(const Fate&) const = default;
};

std::set<ObjectId> objects_in_open_transfers(const store::StudyView& view) {
  std::set<ObjectId> found;
  for (const auto& transfer : view.transfers) {
    if (transfer.ended_at != TimePoint{}) continue;
    for (const auto& object : transfer.objects) found.insert(object.object);
  }
  return found;
}

Fate fate_of(const store::SpooledObject& object, const store::KeepFacts& facts,
             const Judged& judged) {
  if (object.state == store::ObjectState::shredded) {
    return {true, object.reason, to_text(object.shredded_at)};
  }
  const store::Keep keep = store::keep_of(facts, judged.policy);
  if (!keep.until) return {false, std::string(keep.reason), ""};
  if (*keep.until <= judged.now && object.segment_open) {
    return {false, std::string(store::kKeptSegmentOpen), ""};
  }
  return {false, std::string(keep.reason), to_text(*keep.until)};
}

}  // namespace

json describe_retention(const store::StudyView& view, const Judged& judged) {
  const std::set<ObjectId> busy = objects_in_open_transfers(view);
  std::map<Fate, std::uint64_t> fates;
  for (const auto& object : view.study.objects) {
    const store::KeepFacts facts{object.state,
                                 object.ended_at,
                                 object.pinned_until,
                                 view.study.state,
                                 busy.contains(object.head.id),
                                 object.segment_open};
    ++fates[fate_of(object, facts, judged)];
  }
  json rows = json::array();
  for (const auto& [fate, objects] : fates) {
    json row = {{"objects", objects},
                {"state", fate.shredded ? "shredded" : "kept"},
                {"reason", fate.reason}};
    if (!fate.at.empty()) row[fate.shredded ? "at" : "until"] = fate.at;
    rows.push_back(std::move(row));
  }
  return rows;
}

Result<json> shred_study(Site& site, Request& request, Caller& caller) {
  VR_TRY(const StudyKey key, chosen_study(site, request.arguments));
  VR_TRY(const std::string why, text_argument(request.arguments, "reason"));
  VR_TRY(const auto shredded, site.catalog().shred_study(key, {caller.actor, why}));
  // The objects are gone for good by now; room that is not given back at once follows by itself.
  const auto cleared = router::clear_away(site.router(), shredded);
  return json{{"study", key.value},
              {"shredded", shredded.size()},
              {"cleared_away", cleared.ok()}};
}

}  // namespace veilroute::app
