// ledger.entries (for show and export), ledger.inspect
#include <algorithm>

#include "app/operations/describe.h"
#include "app/operations/operation.h"

namespace veilroute::app {
namespace {

constexpr std::size_t kMostEntries = 1000;

Result<store::LedgerFilter> filter_of(const json& arguments) {
  store::LedgerFilter filter;
  filter.from_sequence = optional_number(arguments, "from").value_or(1);
  filter.at_most = std::min<std::size_t>(kMostEntries,
                                         optional_number(arguments, "at_most").value_or(100));
  filter.newest = flag_argument(arguments, "newest");
  if (const auto study = optional_number(arguments, "study")) filter.study = StudyKey{*study};
  if (const auto id = optional_number(arguments, "transfer")) filter.transfer = TransferId{*id};
  if (const auto name = optional_text(arguments, "destination"); !name.empty()) {
    filter.destination = DestinationName{name};
  }
  if (const auto kind = optional_text(arguments, "kind"); !kind.empty()) {
    filter.kind = ledger::kind_of(kind);
    if (!filter.kind) {
      return make_error(ErrorKind::invalid, "argument.wrong-kind",
                        "there is no such kind of entry; `veilroute ledger show --help` lists them");
    }
  }
  return filter;
}

}  // namespace

Result<json> ledger_entries(Site& site, Request& request, Caller&) {
  VR_TRY(const auto filter, filter_of(request.arguments));
  const bool identified = flag_argument(request.arguments, "identified");
  VR_TRY(site.catalog().flush());
  VR_TRY(const auto entries, site.catalog().ledger_entries(filter));
  json rows = json::array();
  for (const auto& entry : entries) rows.push_back(describe(entry, identified));
  return json{{"entries", std::move(rows)}};
}

Result<json> inspect_ledger(Site& site, Request&, Caller&) {
  VR_TRY(site.catalog().flush());
  VR_TRY(const auto inspection, site.catalog().inspect_ledger(site.checkpoint_file()));
  return describe(inspection);
}

}  // namespace veilroute::app
