#include "core/dicom/codestream.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/dicom/marker_walk.h"
#include "core/dicom/rle_walk.h"

namespace veilroute::dicom {
namespace {

enum class Family : std::uint8_t { jpeg, jpeg_ls, jpeg_2000, rle, unknown };

Family family_of(std::string_view uid) {
  constexpr std::string_view kRoot = "1.2.840.10008.1.2.";
  if (uid == "1.2.840.10008.1.2.5") return Family::rle;
  if (!uid.starts_with(kRoot)) return Family::unknown;
  const std::string_view rest = uid.substr(kRoot.size());
  if (rest == "4.80" || rest == "4.81") return Family::jpeg_ls;
  if (rest.size() == 4 && (rest.starts_with("4.5") || rest.starts_with("4.6") || rest == "4.70")) {
    return Family::jpeg;
  }
  constexpr std::array<std::string_view, 7> kJpeg2000{"4.90",  "4.91",  "4.92", "4.93",
                                                      "4.201", "4.202", "4.203"};
  const bool known = std::find(kJpeg2000.begin(), kJpeg2000.end(), rest) != kJpeg2000.end();
  return known ? Family::jpeg_2000 : Family::unknown;
}

MarkerWalk::Coding coding_of(Family family) {
  if (family == Family::jpeg_ls) return MarkerWalk::Coding::jpeg_ls;
  return family == Family::jpeg_2000 ? MarkerWalk::Coding::jpeg_2000 : MarkerWalk::Coding::jpeg;
}

Codestream as_codestream(MarkerWalk::Found found) {
  switch (found) {
    case MarkerWalk::Found::clean:
      return Codestream::clean;
    case MarkerWalk::Found::surplus:
      return Codestream::surplus;
    case MarkerWalk::Found::metadata:
      return Codestream::metadata;
    case MarkerWalk::Found::unread:
      break;
  }
  return Codestream::unread;
}

Codestream as_codestream(RleWalk::Found found) {
  switch (found) {
    case RleWalk::Found::clean:
      return Codestream::clean;
    case RleWalk::Found::surplus:
      return Codestream::surplus;
    case RleWalk::Found::unread:
      break;
  }
  return Codestream::unread;
}

}  // namespace

std::string_view to_string(Codestream found) {
  static constexpr std::array<std::string_view, 4> kWords{"clean", "surplus", "metadata", "unread"};
  return kWords.at(static_cast<std::size_t>(found));
}

Codestream codestream_of(std::uint8_t stored) {
  return stored <= static_cast<std::uint8_t>(Codestream::unread) ? static_cast<Codestream>(stored)
                                                                 : Codestream::unread;
}

struct CodestreamWalk::State {
  State(Family which, const PictureShape& its_shape, CodestreamEdits* edits)
      : family(which),
        shape(its_shape),
        rle(its_shape.plane_pixels(), edits),
        markers(coding_of(which), edits) {}

  void note(Codestream worse) { found = std::max(found, worse); }
  void feed_offset_table(ByteView bytes);
  void feed_rle(ByteView bytes);
  void feed_markers(ByteView bytes);
  void end_fragment();

  Family family;
  PictureShape shape;
  bool in_offset_table = false;
  bool in_fragment = false;
  bool is_surplus = false;  // the fragment at hand stands behind the last frame
  std::uint64_t table_bytes = 0;
  std::uint32_t table_entry = 0;
  std::uint32_t last_entry = 0;
  std::uint64_t position = 0;  // of the byte that comes next, over all fragments
  std::uint64_t frames = 0;
  bool frame_counted = false;
  RleWalk rle;
  MarkerWalk markers;
  Codestream found = Codestream::clean;
};

/// Where each frame begins: the first at zero, each behind the one before it. Anything else could
/// be text, and leaves as it is.
void CodestreamWalk::State::feed_offset_table(ByteView bytes) {
  for (const std::uint8_t byte : bytes) {
    table_entry = (table_entry >> 8U) | (std::uint32_t{byte} << 24U);
    if (++table_bytes % 4 != 0) continue;
    const bool fits = table_bytes == 4 ? table_entry == 0 : table_entry > last_entry;
    if (!fits) note(Codestream::unread);
    last_entry = table_entry;
  }
}

void CodestreamWalk::State::feed_rle(ByteView bytes) {
  rle.feed(bytes);
  note(as_codestream(rle.found()));
}

void CodestreamWalk::State::feed_markers(ByteView bytes) {
  markers.feed(bytes);
  note(as_codestream(markers.found()));
}

void CodestreamWalk::State::end_fragment() {
  if (!std::exchange(in_fragment, false) || is_surplus) return;
  if (family == Family::rle) {
    rle.end_frame();
  } else {
    markers.end_fragment();
  }
}

CodestreamWalk::CodestreamWalk(const Uid& transfer_syntax, const PictureShape& shape,
                               CodestreamEdits* edits)
    : state_(std::make_unique<State>(family_of(transfer_syntax.value), shape, edits)) {
  if (state_->family == Family::unknown) state_->note(Codestream::unread);
}
CodestreamWalk::~CodestreamWalk() = default;
CodestreamWalk::CodestreamWalk(CodestreamWalk&&) noexcept = default;

void CodestreamWalk::begin_offset_table(std::uint32_t length_bytes) {
  state_->in_offset_table = true;
  if (length_bytes != 0 && length_bytes != 4 * state_->shape.frames) {
    state_->note(Codestream::unread);
  }
}

void CodestreamWalk::begin_fragment() {
  State& state = *state_;
  state.end_fragment();
  state.in_offset_table = false;
  state.in_fragment = true;
  // A fragment that comes in the middle of a frame goes on with it.
  const bool between = state.family == Family::rle || state.markers.is_between_frames();
  if (!between) return;
  state.is_surplus = state.frames >= state.shape.frames;
  state.frame_counted = false;
  if (state.is_surplus) return;
  if (state.family == Family::rle) {
    state.rle.begin_frame(state.position);
  } else {
    state.markers.begin_frame();
  }
}

void CodestreamWalk::feed(ByteView bytes) {
  State& state = *state_;
  if (bytes.empty() || state.family == Family::unknown) return;
  if (state.in_offset_table) return state.feed_offset_table(bytes);
  if (state.is_surplus) return state.note(Codestream::surplus);
  if (!std::exchange(state.frame_counted, true)) ++state.frames;
  if (state.family == Family::rle) {
    state.feed_rle(bytes);
  } else {
    state.feed_markers(bytes);
  }
  state.position += bytes.size();
}

Codestream CodestreamWalk::finish() {
  State& state = *state_;
  state.end_fragment();
  if (state.family != Family::rle && !state.is_surplus) {
    state.markers.finish();
    state.note(as_codestream(state.markers.found()));
  }
  return state.found;
}

std::uint64_t CodestreamWalk::frames() const { return state_->frames; }
bool CodestreamWalk::is_behind_last_frame() const { return state_->is_surplus; }

}  // namespace veilroute::dicom
