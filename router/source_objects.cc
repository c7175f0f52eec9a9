#include "router/source_objects.h"

#include <algorithm>
#include <utility>

namespace veilroute::router {
namespace {

/// A parsed header takes about this many times its encoded bytes (tree nodes beside values).
constexpr std::uint64_t kTreeFactor = 6;

std::uint64_t estimated_bytes(const store::ObjectFacts& facts) {
  std::uint64_t ranges = 0;
  for (const dicom::LargeValue& large : facts.large) ranges += large.end - large.begin;
  return (facts.length_bytes - std::min(ranges, facts.length_bytes)) * kTreeFactor;
}

}  // namespace

Result<dicom::Dataset> read_object(store::Spool& spool, const store::SpooledObject& object) {
  VR_TRY(const dicom::TransferSyntax syntax,
         dicom::find_transfer_syntax(object.head.transfer_syntax));
  VR_TRY(std::unique_ptr<ByteSource> source, spool.open_object(object.location, object.head.id));
  return dicom::read_dataset(*source, syntax, object.facts.large);
}

Result<dicom::Dataset> SourceObjects::take(const store::SpooledObject& object) {
  const auto found = kept_.find(object.head.id);
  if (found == kept_.end()) return read_object(spool_, object);
  dicom::Dataset dataset = std::move(found->second);
  kept_.erase(found);
  kept_bytes_ -= estimated_bytes(object.facts);
  return dataset;
}

void SourceObjects::keep(const store::SpooledObject& object, dicom::Dataset&& dataset) {
  // Deflated data sets are wholly in memory once inflated: no length tells how much that is.
  if (dataset.syntax().deflated) return;
  const std::uint64_t bytes = estimated_bytes(object.facts);
  if (kept_bytes_ + bytes > kMostKeptBytes) return;
  if (kept_.emplace(object.head.id, std::move(dataset)).second) kept_bytes_ += bytes;
}

}  // namespace veilroute::router
