// StowBody: objects as one multipart/related body, streamed.
#include "router/stow_body.h"

#include <algorithm>
#include <array>

#include "core/dicom/dataset.h"

namespace veilroute::router {
namespace {

constexpr std::size_t kBoundaryBytes = 24;

std::string random_boundary() {
  std::array<std::uint8_t, kBoundaryBytes> random{};
  crypto::random_fill(random);
  return to_hex(random);
}

void append(Bytes& out, std::string_view text) {
  const ByteView bytes = as_bytes(text);
  out.insert(out.end(), bytes.begin(), bytes.end());
}

}  // namespace

StowBody::StowBody(std::span<const Parcel> parcels, bool say_syntax)
    : parcels_(parcels), say_syntax_(say_syntax), boundary_(random_boundary()) {
  for (std::size_t i = 0; i < parcels_.size(); ++i) {
    size_ += part_head(i).size() + parcels_[i].record->length_bytes();
  }
  size_ += part_head(parcels_.size()).size();
}

std::string StowBody::content_type() const {
  return "multipart/related; type=\"application/dicom\"; boundary=" + boundary_;
}

/// What stands before an object, the line break after the one before it included; after the last
/// one the closing delimiter.
Bytes StowBody::part_head(std::size_t index) const {
  Bytes out;
  if (index > 0) append(out, "\r\n");
  append(out, "--" + boundary_);
  if (index == parcels_.size()) {
    append(out, "--\r\n");
    return out;
  }
  const dicom::OutboxRecord& record = *parcels_[index].record;
  append(out, "\r\nContent-Type: application/dicom");
  if (say_syntax_) append(out, "; transfer-syntax=" + record.transfer_syntax.value);
  append(out, "\r\n\r\n");
  const Bytes head =
      dicom::write_file_head(record.sop_class, record.sop_instance, record.transfer_syntax);
  out.insert(out.end(), head.begin(), head.end());
  return out;
}

Result<void> StowBody::rewind() {
  next_ = 0;
  text_.clear();
  text_at_ = 0;
  object_.reset();
  hasher_ = crypto::Hasher();
  left_.clear();
  return {};
}

Result<std::size_t> StowBody::read(std::span<std::uint8_t> out) {
  std::size_t filled = 0;
  while (filled < out.size()) {
    const std::span<std::uint8_t> rest = out.subspan(filled);
    if (text_at_ < text_.size()) {
      const std::size_t count = std::min(rest.size(), text_.size() - text_at_);
      std::copy_n(text_.begin() + static_cast<std::ptrdiff_t>(text_at_), count, rest.begin());
      text_at_ += count;
      filled += count;
    } else if (object_) {
      VR_TRY(const std::size_t count, read_object(rest));
      filled += count;
    } else {
      VR_TRY(const bool more, begin_next());
      if (!more) break;
    }
  }
  return filled;
}

/// False at the end.
Result<bool> StowBody::begin_next() {
  if (next_ > parcels_.size()) return false;
  text_ = part_head(next_);
  text_at_ = 0;
  if (next_ < parcels_.size()) {
    const Parcel& parcel = parcels_[next_];
    VR_TRY(object_, parcel.open());
    if (object_->size_bytes() != parcel.record->length_bytes()) {
      object_.reset();
      return make_error(ErrorKind::corrupt, "outbox.manifest-mismatch",
                        "an object is not as long as its record says");
    }
    object_at_ = 0;
    seam_.clear();
  }
  ++next_;
  return true;
}

Result<std::size_t> StowBody::read_object(std::span<std::uint8_t> out) {
  const std::uint64_t left = object_->size_bytes() - object_at_;
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left, out.size()));
  const std::span<std::uint8_t> piece = out.first(count);
  VR_TRY(object_->read_at(object_at_, piece));
  if (meets_boundary(piece)) {
    return make_error(ErrorKind::unavailable, "http.boundary-met",
                      "an object holds the text that was to part it from the next");
  }
  hasher_.update(piece);
  object_at_ += count;
  if (object_at_ == object_->size_bytes()) {
    store::ObjectOutcome outcome;
    outcome.object = parcels_[next_ - 1].record->object;
    outcome.sent_digest = hasher_.finish();
    outcome.sent_bytes = object_at_;
    left_.push_back(outcome);
    object_.reset();
  }
  return count;
}

bool StowBody::meets_boundary(ByteView bytes) {
  const std::size_t tail = boundary_.size() - 1;
  const std::string_view text = as_text(bytes);
  seam_ += text.substr(0, tail);
  if (seam_.find(boundary_) != std::string::npos) return true;
  if (text.find(boundary_) != std::string_view::npos) return true;
  if (text.size() >= tail) {
    seam_ = text.substr(text.size() - tail);
  } else if (seam_.size() > tail) {
    seam_.erase(0, seam_.size() - tail);
  }
  return false;
}

}  // namespace veilroute::router
