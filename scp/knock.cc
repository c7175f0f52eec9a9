#include "scp/knock.h"

#include <utility>

namespace veilroute::scp {

Knock::Stage Knock::advance() {
  while (true) {
    auto stepped = step();
    if (!stepped.ok()) return fail(stepped.error());
    if (!*stepped) return Stage::waiting;
    done_ = 0;
    switch (phase_) {
      case Phase::handshake: phase_ = Phase::head; break;
      case Phase::head: phase_ = Phase::body; break;
      case Phase::body: return Stage::ready;
      case Phase::speak:
        channel_->finish_writing();
        phase_ = Phase::listen;
        break;
      case Phase::listen: return Stage::over;
    }
  }
}

Result<bool> Knock::step() {
  switch (phase_) {
    case Phase::handshake: {
      VR_TRY(want_, channel_->handshake());
      return want_ == dicom::Want::nothing;
    }
    case Phase::head: return read_head();
    case Phase::body: return read_into(body_);
    case Phase::speak: return speak();
    case Phase::listen: {
      std::array<std::uint8_t, 4096> forgotten{};
      VR_TRY(const dicom::Progress progress, channel_->read(forgotten));
      want_ = dicom::Want::read;
      return progress.bytes == 0 && progress.want == dicom::Want::nothing;
    }
  }
  return true;
}

Result<bool> Knock::read_into(std::span<std::uint8_t> out) {
  while (done_ < out.size()) {
    VR_TRY(const dicom::Progress progress, channel_->read(out.subspan(done_)));
    done_ += progress.bytes;
    if (progress.bytes != 0) continue;
    want_ = progress.want;
    if (want_ != dicom::Want::nothing) return false;
    return make_error(ErrorKind::unavailable, "network.closed", "the peer closed the connection");
  }
  return true;
}

Result<bool> Knock::read_head() {
  VR_TRY(const bool whole, read_into(head_));
  if (!whole) return false;
  VR_TRY(const dicom::PduHeader header, dicom::decode_header(head_));
  if (header.type != dicom::PduType::associate_rq) {
    return make_error(ErrorKind::invalid, "pdu.unexpected", "not an A-ASSOCIATE-RQ");
  }
  body_.resize(header.length);
  return true;
}

Result<bool> Knock::speak() {
  while (done_ < last_words_.size()) {
    VR_TRY(const dicom::Progress progress, channel_->write(ByteView(last_words_).subspan(done_)));
    done_ += progress.bytes;
    want_ = progress.want;
    if (progress.bytes == 0) return false;
  }
  return true;
}

Knock::Stage Knock::dismiss(Bytes last_words) {
  last_words_ = std::move(last_words);
  done_ = 0;
  phase_ = Phase::speak;
  deadline_ = dicom::after(kFarewellPatience);
  return advance();
}

Knock::Stage Knock::fail(const Error& error) {
  if (slug_.empty()) slug_ = error.slug;
  const bool lost = error.slug.starts_with("network.");
  if (is_leaving() || lost) return Stage::over;
  // After a failed handshake the alert is on its way; a plain PDU would mean nothing to the peer.
  if (phase_ == Phase::handshake) return dismiss({});
  return dismiss(dicom::encode(dicom::abort_for(error)));
}

}  // namespace veilroute::scp
