// Any bytes as an object that says who the patient is, through the engine and the verifier under
// "basic". Property: what is cleared holds neither the patient's name nor the record number, nor
// the UIDs; nothing that is refused or held ends the process; and the same bytes give the same
// copy.
#include <array>
#include <cstdlib>

#include "core/base/crypto.h"
#include "core/dicom/manifest.h"
#include "core/dicom/scanner.h"
#include "profiles/deidentify.h"
#include "profiles/strip_pixels.h"
#include "profiles/verify.h"

namespace {

using namespace veilroute;
namespace vr = dicom::vr;

constexpr std::string_view kName = "QUILLFEATHER^ZEBULON";
constexpr std::string_view kRecord = "MRN-70312599";
constexpr std::string_view kUid = "1.2.826.0.1.3680043.9.7777.1";

constexpr std::array<std::string_view, 7> kLayouts = {
    dicom::kExplicitLittleEndian, dicom::kImplicitLittleEndian, dicom::kExplicitBigEndian,
    "1.2.840.10008.1.2.4.50",     "1.2.840.10008.1.2.4.80",     "1.2.840.10008.1.2.4.90",
    "1.2.840.10008.1.2.5"};

void require(bool holds) {
  if (!holds) std::abort();
}

profiles::Pseudonyms pseudonyms_of_fuzz() {
  static const Bytes kSecret(32, 0x5A);
  return {Phi<std::string>("ZQ-48151-XQ"), Phi<std::string>("ZQ-62342-XQ"), Phi<int>(-37), kSecret};
}

dicom::ScanFacts scanned(ByteView bytes, const dicom::TransferSyntax& syntax) {
  dicom::Scanner scanner(syntax, {});
  scanner.feed(bytes);
  return scanner.finish();
}

/// The patient's identity where an object ordinarily says it, whatever the input said there.
void plant_identity(dicom::Dataset& object) {
  object.put_text(dicom::tags::PatientName, vr::PN, kName);
  object.put_text(dicom::tags::PatientID, vr::LO, kRecord);
  object.put_text(dicom::tags::SOPInstanceUID, vr::UI, kUid);
  object.put_text({0x0010, 0x1000}, vr::LO, kRecord);
  object.put_text({0x0010, 0x4000}, vr::LT, "QUILLFEATHER, MRN-70312599");
}

bool holds_identity(ByteView bytes) {
  const std::string_view text = as_text(bytes);
  for (const std::string_view marker :
       {std::string_view("QUILLFEATHER"), std::string_view("ZEBULON"), kRecord, kUid}) {
    if (text.find(marker) != text.npos) return true;
  }
  return false;
}

OpenSource opening(ByteView bytes) {
  return [bytes]() -> Result<std::unique_ptr<ByteSource>> {
    return std::unique_ptr<ByteSource>(std::make_unique<MemorySource>(bytes));
  };
}

struct Made {
  dicom::OutboxRecord record;
  Bytes own;
  bool refused = true;
};

/// The copy of what the bytes say with the identity put in; the verifier's terms are its own.
Made copy_of_input(ByteView bytes, const dicom::TransferSyntax& syntax,
                   const std::vector<dicom::LargeValue>& large, const profiles::Profile& profile,
                   profiles::IdentityTerms& terms) {
  Made made;
  MemorySource source(bytes);
  auto object = dicom::read_dataset(source, syntax, large);
  if (!object.ok()) return made;
  plant_identity(*object);
  terms.collect(*object);
  require(profiles::strip_pixels(*object, profile, opening(bytes)).ok());
  const auto report = profiles::deidentify(*object, profile, pseudonyms_of_fuzz(), {"a document"});
  require(report.ok());
  made.refused = !report->problems.empty();
  auto written = dicom::write_dataset(*object);
  require(written.ok());
  made.own = std::move(written->own);
  made.record.object = {1};
  made.record.pieces = std::move(written->pieces);
  made.record.own_digest = crypto::sha256(made.own);
  made.record.sop_class = {object->text(dicom::tags::SOPClassUID).reveal()};
  made.record.sop_instance = {object->text(dicom::tags::SOPInstanceUID).reveal()};
  made.record.transfer_syntax = syntax.uid;
  return made;
}

}  // namespace

/// The first byte chooses the layout.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string uid(kLayouts[data[0] % kLayouts.size()]);
  const dicom::TransferSyntax syntax = dicom::find_transfer_syntax(Uid{uid}).value();
  const ByteView bytes = ByteView(data, size).subspan(1);
  const dicom::ScanFacts facts = scanned(bytes, syntax);
  if (facts.problem) return 0;
  const auto profile = profiles::Library::shipped().find({"basic"});
  require(profile != nullptr);
  profiles::IdentityTerms terms;
  const Made made = copy_of_input(bytes, syntax, facts.large, *profile, terms);
  if (made.own.empty()) return 0;
  profiles::IdentityTerms same_terms;
  require(copy_of_input(bytes, syntax, facts.large, *profile, same_terms).own == made.own);
  profiles::Verifier verifier(*profile, terms, pseudonyms_of_fuzz());
  const auto findings = verifier.check(made.record, made.own, facts.large, opening(bytes));
  if (made.refused || !findings.ok() || !findings->empty()) return 0;
  const auto clearance = verifier.clear({{1}, profile->version, {made.record}});
  require(!clearance.ok() || !holds_identity(made.own));
  return 0;
}
