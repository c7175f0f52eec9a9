// Spool: opening it, lending writers, and closing what is full. Walk step 3.
#include "core/store/spool.h"

#include <algorithm>
#include <set>
#include <utility>

#include "core/base/log.h"
#include "core/store/spool_recover.h"
#include "core/store/spool_state.h"

namespace veilroute::store {

namespace {

/// How often the files are counted for the quota: others remove segments.
constexpr auto kCountEvery = std::chrono::seconds(30);

/// Every file must be a segment that the catalog knows, since its key and its rows are there.
Result<void> check_files(const std::vector<std::string>& names,
                         const std::vector<SegmentRow>& known) {
  std::set<SegmentId> ids;
  for (const SegmentRow& row : known) ids.insert(row.id);
  for (const std::string& name : names) {
    const auto id = segment_of_file_name(name);
    if (!id) {
      return make_error(
          ErrorKind::refused, "spool.unknown-file",
          "the spool's folder holds a file that is no segment: " + name + "; move it elsewhere");
    }
    if (!ids.contains(*id)) {
      return make_error(ErrorKind::refused, "spool.catalog-missing",
                        "the catalog does not know the segment " + name +
                            ": it is lost, or another site's. Put the right catalog.db back, or "
                            "see `veilroute spool salvage --help`; nothing is touched until then");
    }
  }
  return {};
}

/// Closes a segment if every committed record of it has its row, and tells whether it did.
Result<bool> close_if_recorded(Catalog& catalog, const Segment& segment) {
  VR_TRY(const std::vector<std::uint64_t> recorded, catalog.recorded_offsets(segment.id));
  if (!std::includes(recorded.begin(), recorded.end(), segment.offsets.begin(),
                     segment.offsets.end())) {
    return false;
  }
  VR_TRY(catalog.close_segment(segment.id));
  log::info("spool.segment-closed", {{"segment", segment.id},
                                     {"records", segment.offsets.size()},
                                     {"bytes", segment.size_bytes}});
  return true;
}

}  // namespace

Spool::Spool(std::unique_ptr<State> state) : state_(std::move(state)) {}
Spool::~Spool() = default;

Result<std::unique_ptr<Spool>> Spool::open(Files& files, Catalog& catalog, Clock& clock,
                                           const std::filesystem::path& folder,
                                           const SpoolLimits& limits) {
  VR_TRY(files.make_folder(folder));
  VR_TRY(files.make_folder(segment_keys_folder(folder)));
  VR_TRY(const std::vector<std::string> names, files.list(folder));
  VR_TRY(const std::vector<SegmentRow> known, catalog.segments());
  VR_TRY(check_files(names, known));
  return std::unique_ptr<Spool>(
      new Spool(std::make_unique<State>(files, catalog, clock, folder, limits)));
}

Result<RecoveryReport> Spool::recover(const CompletionPolicy& policy) {
  return recover_segments({state_->files, state_->catalog, state_->folder, policy});
}

Result<SpoolWriter> Spool::open_writer(const ObjectHead& head) {
  VR_TRY(state_->catalog.accepting());
  VR_TRY(state_->room.check());
  const std::uint32_t head_bytes = sealed_head_bytes(head);
  if (head_bytes > kLongestHead) {
    return make_error(ErrorKind::invalid, "spool.head-too-long",
                      "what was said of an object before its data set is too long");
  }
  VR_TRY(std::unique_ptr<Segment> segment, state_->pool.borrow());
  Secret key = crypto::random_key();
  Frame frame;
  frame.segment = segment->id;
  frame.number = segment->next_number++;
  frame.head_bytes = head_bytes;
  crypto::random_fill(frame.prefix);
  Result<Bytes> wrapped = crypto::wrap_key(segment->key, key);
  if (!wrapped.ok()) {
    state_->pool.give_back(std::move(segment));
    return std::move(wrapped).error();
  }
  frame.wrapped_key = std::move(wrapped).value();
  auto state = std::make_unique<SpoolWriter::State>(*state_, head, std::move(segment),
                                                    std::move(frame), std::move(key));
  // From here on the writer gives the segment back, whatever happens.
  SpoolWriter writer(std::move(state));
  VR_TRY(writer.state_->begin());
  return writer;
}

Result<void> Spool::State::close_finished() {
  std::vector<std::unique_ptr<Segment>> finished = pool.take_finished();
  if (finished.empty()) return {};
  Result<void> outcome = catalog.flush();
  for (std::unique_ptr<Segment>& segment : finished) {
    // A segment with a record still on its way to the catalog waits for the next round: between
    // commit() and record_object() nothing but the segment key opens that record.
    Result<bool> closed = outcome.ok() ? close_if_recorded(catalog, *segment) : false;
    if (closed.ok() && *closed) {
      pool.forget(*segment);
      continue;
    }
    if (!closed.ok()) outcome = std::move(closed).error();
    pool.put_off(std::move(segment));
  }
  return outcome;
}

Result<void> Spool::tidy() {
  const Lock one_at_a_time(state_->tidying);
  const auto now = std::chrono::steady_clock::now();
  if (now - state_->counted_at >= kCountEvery) {
    VR_TRY(state_->room.count());
    state_->counted_at = now;
  }
  // The spare first: it is what the answering path waits for. Without room none is needed: the
  // senders are told so by open_writer.
  Result<void> outcome;
  const Result<void> room = state_->room.check();
  if (room.ok()) {
    outcome = state_->pool.keep_spare();
  } else if (room.error().kind != ErrorKind::exhausted) {
    outcome = room;
  }
  Result<void> closed = state_->close_finished();
  return outcome.ok() ? closed : outcome;
}

}  // namespace veilroute::store
