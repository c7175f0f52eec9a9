// From bytes to a durable object: scanned and spooled in one pass, identified, acknowledged.
#include "scp/intake.h"

#include <algorithm>
#include <utility>

#include "core/base/log.h"
#include "core/dicom/uid.h"
#include "scp/admission.h"

namespace veilroute::scp {
namespace {

constexpr std::uint32_t kIdsPerBlock = 256;
constexpr std::size_t kFeedBytes = 256U << 10U;
constexpr std::size_t kLongestUid = 64;

std::optional<dicom::TransferSyntax> known_syntax(const Uid& uid) {
  auto found = dicom::find_transfer_syntax(uid);
  if (!found.ok()) return std::nullopt;
  return std::move(found).value();
}

Error refuse(ErrorKind kind, const char* slug, const char* detail) {
  return make_error(kind, slug, detail);
}

/// decisions 4: what the command says must be usable before a byte is spooled.
Result<void> check_announced(const Announced& announced, bool private_classes) {
  if (!dicom::is_valid_uid(announced.sop_class.value)) {
    return refuse(ErrorKind::invalid, "object.sop-class-invalid",
                  "the SOP Class UID is absent or not a UID");
  }
  if (!dicom::is_valid_uid(announced.sop_instance.value)) {
    return refuse(ErrorKind::invalid, "object.sop-instance-invalid",
                  "the SOP Instance UID is absent or not a UID");
  }
  if (!admits_class(announced.sop_class, private_classes)) {
    return refuse(ErrorKind::refused, "object.class-not-admitted",
                  "the SOP class is not one of a patient's object, or not admitted here");
  }
  return {};
}

/// A line of the data set against one of the command.
Result<void> check_uid(std::string_view found, const Uid& announced, const char* absent_slug) {
  if (found.empty()) {
    return refuse(ErrorKind::invalid, absent_slug, "the data set lacks one of its UIDs");
  }
  if (found != announced.value) {
    return refuse(ErrorKind::invalid, "object.uid-unlike-command",
                  "the data set's UIDs are not those of the command");
  }
  return {};
}

/// decisions 4: what a data set must tell of itself, else there is nothing to file it under.
Result<void> check_identity(const dicom::ScanFacts& scan, const Announced& announced) {
  const bool unread = scan.value(dicom::tags::SOPClassUID).empty() ||
                      scan.value(dicom::tags::SOPInstanceUID).empty();
  if (scan.problem && unread) {
    return refuse(ErrorKind::invalid, "object.identity-unread",
                  "the data set breaks off or breaks its rules before its SOP Instance UID");
  }
  VR_TRY(check_uid(scan.value(dicom::tags::SOPClassUID), announced.sop_class,
                   "object.sop-class-invalid"));
  VR_TRY(check_uid(scan.value(dicom::tags::SOPInstanceUID), announced.sop_instance,
                   "object.sop-instance-invalid"));
  const std::string_view study = scan.value(dicom::tags::StudyInstanceUID);
  if (study.empty() || study.size() > kLongestUid) {
    return refuse(ErrorKind::refused, "object.study-uid-absent",
                  "the data set has no readable Study Instance UID");
  }
  return {};
}

store::ObjectFacts facts_of(dicom::ScanFacts scan, const IntakeRoom& room, const Origin& origin) {
  store::ObjectFacts facts;
  const auto text = [&](dicom::Tag tag) { return std::string(scan.value(tag)); };
  facts.length_bytes = scan.length_bytes;
  facts.study = Uid{text(dicom::tags::StudyInstanceUID)};
  facts.series = Uid{text(dicom::tags::SeriesInstanceUID)};
  facts.patient_id = Phi<std::string>(text(dicom::tags::PatientID));
  std::string issuer = text(dicom::tags::IssuerOfPatientID);
  if (issuer.empty()) issuer = origin.default_issuer;
  facts.issuer = Phi<std::string>(std::move(issuer));
  if (scan.problem) {
    facts.unusable = scan.problem->slug;
    facts.unusable_at = scan.problem->path.empty()
                            ? "offset " + std::to_string(scan.problem->offset)
                            : scan.problem->path;
  } else if (!dicom::is_valid_uid(facts.study.value)) {
    facts.unusable = "object.study-uid-invalid";
    facts.unusable_at = dicom::to_text(dicom::tags::StudyInstanceUID);
  }
  for (dicom::CapturedValue& value : scan.captured) {
    if (std::binary_search(room.match_tags.begin(), room.match_tags.end(), value.tag)) {
      facts.match_facts.push_back(std::move(value));
    }
  }
  facts.large = std::move(scan.large);
  return facts;
}

}  // namespace

struct Intake::State {
  IntakeRoom& room;
  Origin origin;
  Announced announced;
  ObjectId id;
  dicom::Scanner scanner;
  store::SpoolWriter writer;
};

Intake::Intake(std::unique_ptr<State> state) : state_(std::move(state)) {}
Intake::Intake(Intake&&) noexcept = default;
Intake::~Intake() = default;

Result<std::uint64_t> IdBlock::next(store::Catalog& catalog) {
  const Lock lock(mutex_);
  if (next_ == end_) {
    VR_TRY(next_, catalog.reserve_ids(kIdsPerBlock));
    end_ = next_ + kIdsPerBlock;
  }
  return next_++;
}

Result<Intake> Intake::begin(IntakeRoom& room, const Origin& origin, const Announced& announced) {
  VR_TRY(check_announced(announced, origin.private_classes));
  VR_TRY(const std::uint64_t id, room.ids->next(room.catalog));
  store::ObjectHead head;
  head.id = ObjectId{id};
  head.received_at = room.clock.now();
  head.source = origin.source;
  head.listener = origin.listener;
  head.association = origin.association;
  head.calling_ae = origin.calling_ae;
  head.called_ae = origin.called_ae;
  head.transfer_syntax = announced.transfer_syntax;
  head.sop_class = announced.sop_class;
  head.sop_instance = announced.sop_instance;
  VR_TRY(store::SpoolWriter writer, room.spool.open_writer(head));
  log::debug("object.arriving", {{"object", head.id}, {"association", origin.association}});
  dicom::Scanner scanner(known_syntax(announced.transfer_syntax), room.match_tags);
  return Intake(std::make_unique<State>(
      State{room, origin, announced, head.id, std::move(scanner), std::move(writer)}));
}

Result<void> Intake::feed(ByteView bytes) {
  state_->scanner.feed(bytes);
  return state_->writer.append(bytes);
}

Result<ObjectId> Intake::finish() {
  State& state = *state_;
  dicom::ScanFacts scan = state.scanner.finish();
  VR_TRY(check_identity(scan, state.announced));
  store::ObjectFacts facts = facts_of(std::move(scan), state.room, state.origin);
  // Before the row exists: a sweep that sees it must also see that more may come.
  if (state.origin.association.value != 0) {
    state.room.in_flight.note(state.origin.association, facts.study);
  }
  if (!facts.unusable.empty()) {
    log::warn("object.unusable", {{"object", state.id},
                                  {"association", state.origin.association},
                                  log::Field::text("slug", facts.unusable)});
  }
  VR_TRY(const store::NewObject object, state.writer.commit(std::move(facts)));
  log::debug("object.spooled", {{"object", state.id}, {"association", state.origin.association}});
  VR_TRY(state.room.catalog.record_object(object, state.room.completion));
  ++state.room.traffic->objects_received;
  state.room.traffic->bytes_received += object.facts.length_bytes;
  if (state.room.ring) state.room.ring();
  return state.id;
}

Result<ObjectId> take_object(IntakeRoom& room, const Origin& origin, const Announced& announced,
                             ByteSource& bytes, std::uint64_t offset) {
  VR_TRY(Intake intake, Intake::begin(room, origin, announced));
  const std::uint64_t end = bytes.size_bytes();
  Bytes piece;
  while (offset < end) {
    piece.resize(static_cast<std::size_t>(std::min<std::uint64_t>(kFeedBytes, end - offset)));
    VR_TRY(bytes.read_at(offset, piece));
    VR_TRY(intake.feed(piece));
    offset += piece.size();
  }
  return intake.finish();
}

}  // namespace veilroute::scp
