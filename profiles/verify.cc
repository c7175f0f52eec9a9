// Walk step 7: reads the finished copies afresh and alone can clear them. Nothing that decides what
// is written (decide.cc, actions.cc, deidentify.cc) is asked here.
#include "profiles/verify.h"

#include <algorithm>
#include <map>
#include <utility>

#include "core/base/crypto.h"
#include "profiles/verify_leaks.h"
#include "profiles/verify_permitted.h"
#include "profiles/verify_pixels.h"
#include "profiles/verify_reading.h"
#include "profiles/verify_rules.h"
#include "profiles/verify_types.h"

namespace veilroute::profiles {

/// The only maker of a Clearance.
class ClearanceOffice {
 public:
  static Clearance issue(const dicom::Manifest& manifest) {
    return Clearance(dicom::digest_of(manifest));
  }
};

namespace {

constexpr std::string_view kAdvice =
    "The copy does not fit the object it was made from; it was not sent. Report this object's "
    "number to Veilroute's makers.";

Problem finding(std::string path, std::string rule) {
  return {std::move(path), std::move(rule), std::string(kAdvice)};
}

bool holds_pixels(dicom::Tag tag) {
  return tag == dicom::tags::PixelData || tag == dicom::tags::FloatPixelData ||
         tag == dicom::tags::DoubleFloatPixelData;
}

/// The source's range that a piece may refer to: from its first byte, and to its last. Only native
/// Pixel Data may end earlier, where surplus bytes were cut; and of compressed ones a piece may be
/// any part, which verify_pixels.h then looks into.
const dicom::LargeValue* range_of(const dicom::Piece& piece,
                                  const std::vector<dicom::LargeValue>& source_large) {
  for (const dicom::LargeValue& large : source_large) {
    const std::uint64_t length = large.end - large.begin;
    if (piece.offset < large.begin || piece.offset >= large.end || piece.length == 0) continue;
    const bool whole = piece.offset == large.begin && piece.length == length;
    const bool cut = holds_pixels(large.tag) && large.fragments == 0 &&
                     piece.offset == large.begin && piece.length < length;
    const bool part =
        holds_pixels(large.tag) && large.fragments != 0 && piece.length <= large.end - piece.offset;
    if (whole || cut || part) return &large;
  }
  return nullptr;
}

/// Own pieces must cover the own block once and in order; the others must be large values of the
/// source, or parts of its compressed pixels, each at most once and in order; and its pixels must
/// be among them.
std::vector<Problem> check_pieces(const dicom::OutboxRecord& record, ByteView own,
                                  const std::vector<dicom::LargeValue>& source_large) {
  std::vector<Problem> problems;
  std::uint64_t own_reached = 0;
  std::uint64_t source_reached = 0;
  std::vector<dicom::Tag> referred;
  for (const dicom::Piece& piece : record.pieces) {
    if (piece.own) {
      if (piece.offset != own_reached || piece.length > own.size() - own_reached) {
        problems.push_back(finding("", "verify.pieces"));
        return problems;
      }
      own_reached += piece.length;
      continue;
    }
    const dicom::LargeValue* large = range_of(piece, source_large);
    if (large == nullptr || piece.offset < source_reached) {
      problems.push_back(finding("", "verify.pieces"));
      return problems;
    }
    source_reached = large->fragments == 0 ? large->end : piece.offset + piece.length;
    referred.push_back(large->tag);
  }
  if (own_reached != own.size()) problems.push_back(finding("", "verify.pieces"));
  for (const dicom::LargeValue& large : source_large) {
    const bool there = std::find(referred.begin(), referred.end(), large.tag) != referred.end();
    if (holds_pixels(large.tag) && !there) {
      problems.push_back(finding(dicom::to_text(large.tag), "verify.pixels-missing"));
    }
  }
  return problems;
}

}  // namespace

struct Verifier::State {
  State(const Profile& used, const IdentityTerms& terms, const Pseudonyms& pseudonyms,
        HarmlessValue harmless)
      : profile(used),
        permitted(permitted_for(used, terms, pseudonyms)),
        leaks(terms.state(), permitted, std::move(harmless)) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  Result<std::vector<Problem>> check_content(const dicom::OutboxRecord& record, ByteView own,
                                             const std::vector<dicom::LargeValue>& large,
                                             const StrippedCopy* stripped = nullptr);
  Result<std::vector<Problem>> check_parts(const dicom::OutboxRecord& record, ByteView own,
                                           std::vector<dicom::LargeValue> large,
                                           const dicom::LargeValue& pixels, const OpenSource& open);

  Profile profile;  // a copy: the verifier may outlive the library it came from
  Permitted permitted;
  LeakSearch leaks;
  std::map<ObjectId, RequiredOfSource> required;
  std::multimap<ObjectId, dicom::OutboxRecord> passed;
};

/// `record` and `large` as a reader of headers is to see them.
Result<std::vector<Problem>> Verifier::State::check_content(
    const dicom::OutboxRecord& record, ByteView own, const std::vector<dicom::LargeValue>& large,
    const StrippedCopy* stripped) {
  std::vector<Problem> problems;
  const auto add = [&problems](std::vector<Problem> more) {
    problems.insert(problems.end(), std::make_move_iterator(more.begin()),
                    std::make_move_iterator(more.end()));
  };
  const Result<CopyReading> reading = CopyReading::open(record, own, large);
  if (!reading) return std::vector<Problem>{finding("", "verify.unreadable")};
  const std::vector<Seen>& attributes = reading->attributes();
  add(check_declarations(attributes, record, permitted));
  add(check_masks(record, large, attributes));
  if (stripped != nullptr) {
    VR_TRY(std::vector<Problem> found, stripped->check(attributes));
    add(std::move(found));
  }
  if (!profile.deidentifies) return problems;
  for (const dicom::LargeValue& each : large) {
    // What stands in the fragments beside the picture leaves with them.
    if (each.codestream == dicom::Codestream::clean) continue;
    problems.push_back(finding(dicom::to_text(each.tag), "verify.codestream"));
  }
  add(check_attributes(attributes, permitted));
  if (const auto noted = required.extract(record.object)) {
    add(check_types(attributes, noted.mapped(), permitted));
  }
  VR_TRY(const dicom::TransferSyntax syntax, dicom::find_transfer_syntax(record.transfer_syntax));
  add(leaks.check(attributes, syntax.deflated ? ByteView{} : own));
  return problems;
}

/// The same of a copy whose compressed pixels do not go out whole.
Result<std::vector<Problem>> Verifier::State::check_parts(const dicom::OutboxRecord& record,
                                                          ByteView own,
                                                          std::vector<dicom::LargeValue> large,
                                                          const dicom::LargeValue& pixels,
                                                          const OpenSource& open) {
  if (!open) return std::vector<Problem>{finding("", "verify.pieces")};
  VR_TRY(const std::unique_ptr<ByteSource> source, open());
  const Result<StrippedCopy> stripped = StrippedCopy::read(record, own, pixels, *source);
  if (!stripped.ok()) {
    if (stripped.error().slug != "verify.unreadable") return stripped.error();
    return std::vector<Problem>{finding("", "verify.unreadable")};
  }
  for (dicom::LargeValue& each : large) {
    if (each.begin == stripped->range().begin) each = stripped->range();
  }
  return check_content(stripped->as_whole(), own, large, &*stripped);
}

Verifier::Verifier(const Profile& profile, const IdentityTerms& terms, const Pseudonyms& pseudonyms,
                   HarmlessValue harmless)
    : state_(std::make_unique<State>(profile, terms, pseudonyms, std::move(harmless))) {
  state_->permitted.profile = &state_->profile;
}
Verifier::~Verifier() = default;

void Verifier::note_source(ObjectId object, const dicom::Dataset& source) {
  if (!state_->profile.deidentifies) return;
  state_->required.insert_or_assign(object, RequiredOfSource::of(source));
}

Result<std::vector<Problem>> Verifier::check(const dicom::OutboxRecord& record, ByteView own,
                                             const std::vector<dicom::LargeValue>& source_large,
                                             const OpenSource& open) {
  if (crypto::sha256(own) != record.own_digest) {
    return make_error(ErrorKind::corrupt, "verify.own-digest",
                      "the own block is not the one the record names");
  }
  std::vector<Problem> problems = check_pieces(record, own, source_large);
  if (!problems.empty()) return problems;
  const dicom::LargeValue* in_parts = range_in_parts(record, source_large);
  if (in_parts == nullptr) {
    VR_TRY(problems, state_->check_content(record, own, source_large));
  } else {
    VR_TRY(problems, state_->check_parts(record, own, source_large, *in_parts, open));
  }
  if (problems.empty()) state_->passed.emplace(record.object, record);
  return problems;
}

Result<Clearance> Verifier::clear(const dicom::Manifest& manifest) const {
  if (manifest.profile_version != state_->profile.version) {
    return make_error(ErrorKind::refused, "verify.other-profile",
                      "the manifest names another profile version than the one verified");
  }
  if (manifest.records.empty()) {
    return make_error(ErrorKind::refused, "verify.nothing-to-send", "the manifest is empty");
  }
  for (const dicom::OutboxRecord& record : manifest.records) {
    const auto [begin, end] = state_->passed.equal_range(record.object);
    const bool found =
        std::any_of(begin, end, [&record](const auto& each) { return each.second == record; });
    if (!found) {
      return make_error(ErrorKind::refused, "verify.not-checked",
                        "a record of the manifest has not passed verification");
    }
  }
  return ClearanceOffice::issue(manifest);
}

}  // namespace veilroute::profiles
