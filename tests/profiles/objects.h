// Small objects made in the test, and the pseudonym row they are de-identified with.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "core/dicom/dataset.h"
#include "core/dicom/padding.h"
#include "core/dicom/uid.h"
#include "profiles/deidentify.h"

namespace veilroute::profiles::testing {

namespace vr = dicom::vr;
using dicom::Dataset;
using dicom::Element;
using dicom::Item;
using dicom::Tag;

inline constexpr std::string_view kDxClass = "1.2.840.10008.5.1.4.1.1.1.1";

inline const Bytes& secret() {
  static const Bytes kSecret(32, 0x5A);
  return kSecret;
}

inline Pseudonyms pseudonyms() {
  return {Phi<std::string>("VR-TEST-0001"), Phi<std::string>("ACC-TEST-1"), Phi<int>(-37), secret()};
}

inline std::shared_ptr<const Profile> basic() { return Library::shipped().find({"basic"}); }

inline Dataset empty_object(std::string_view syntax = dicom::kExplicitLittleEndian) {
  return Dataset(dicom::find_transfer_syntax({std::string(syntax)}).value());
}

inline void put_short(Dataset& object, Tag tag, std::uint16_t number) {
  const Bytes bytes{static_cast<std::uint8_t>(number & 0xFFU),
                    static_cast<std::uint8_t>(number >> 8U)};
  object.put_bytes(object.root(), tag, vr::US, object.keep(ByteView(bytes)));
}

/// A digital X-ray with synthetic identity and `pixel_bytes` of native pixels (4 x 2, 16 bits).
inline Dataset xray(std::size_t pixel_bytes = 16) {
  Dataset object = empty_object();
  object.put_text({0x0008, 0x0008}, vr::CS, "ORIGINAL\\PRIMARY");
  object.put_text(dicom::tags::SOPClassUID, vr::UI, kDxClass);
  object.put_text(dicom::tags::SOPInstanceUID, vr::UI, "1.2.3.4.5.6.7.1");
  object.put_text({0x0008, 0x0020}, vr::DA, "20260110");
  object.put_text(dicom::tags::AccessionNumber, vr::SH, "A998877");
  object.put_text(dicom::tags::Modality, vr::CS, "DX");
  object.put_text({0x0008, 0x0080}, vr::LO, "Nowhere Hill Infirmary");
  object.put_text({0x0008, 0x0090}, vr::PN, "REFERRER^RITA");
  object.put_text(dicom::tags::PatientName, vr::PN, "PHANTOM^ONE");
  object.put_text(dicom::tags::PatientID, vr::LO, "MRN-554433");
  object.put_text({0x0010, 0x0030}, vr::DA, "19610203");
  object.put_text({0x0010, 0x0040}, vr::CS, "F");
  object.put_text(dicom::tags::StudyInstanceUID, vr::UI, "1.2.3.4.5.6.7.2");
  object.put_text(dicom::tags::SeriesInstanceUID, vr::UI, "1.2.3.4.5.6.7.3");
  put_short(object, {0x0028, 0x0002}, 1);
  object.put_text({0x0028, 0x0004}, vr::CS, "MONOCHROME2");
  put_short(object, {0x0028, 0x0010}, 2);
  put_short(object, {0x0028, 0x0011}, 4);
  put_short(object, {0x0028, 0x0100}, 16);
  put_short(object, {0x0028, 0x0101}, 12);
  object.put_bytes(object.root(), dicom::tags::PixelData, vr::OW,
                   object.keep(Bytes(pixel_bytes, 0x11)));
  return object;
}

inline DeidReport run(Dataset& object, const Profile& profile, const DeidSettings& settings = {}) {
  Result<DeidReport> report = deidentify(object, profile, pseudonyms(), settings);
  EXPECT_TRUE(report.ok());
  return report.ok() ? std::move(report).value() : DeidReport{};
}
inline DeidReport run(Dataset& object) { return run(object, *basic()); }

inline std::string text(const Item& item, Tag tag) {
  const Element* element = Dataset::find(item, tag);
  return element == nullptr ? std::string("(absent)") : std::string(dicom::trimmed(element->value));
}
inline std::string text(const Dataset& object, Tag tag) { return text(object.root(), tag); }

inline std::vector<std::string> rules_of(const DeidReport& report) {
  std::vector<std::string> rules;
  for (const Problem& problem : report.problems) rules.push_back(problem.rule);
  return rules;
}

}  // namespace veilroute::profiles::testing
