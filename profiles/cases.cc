// Given values into an object, the profile over it, and a look at what is there.
#include "profiles/cases.h"

#include <optional>
#include <utility>

#include "core/dicom/uid.h"
#include "core/dicom/padding.h"
#include "profiles/dates.h"
#include "profiles/deidentify.h"

namespace veilroute::profiles {
namespace {

using dicom::Dataset;
using dicom::Element;
using dicom::Item;
using dicom::Tag;
namespace vr = dicom::vr;

constexpr int kOffsetDays = -100;
constexpr std::string_view kAbsent = "{absent}";

const Bytes& case_secret() {
  static const Bytes kSecret(32, 0x5A);
  return kSecret;
}

Pseudonyms case_row() {
  return {Phi<std::string>("VR-TEST-0001"), Phi<std::string>("ACC-TEST-1"), Phi<int>(kOffsetDays),
          case_secret()};
}

/// Enough of a digital X-ray for the engine to take it.
Dataset case_object() {
  Dataset object(dicom::find_transfer_syntax({std::string(dicom::kExplicitLittleEndian)}).value());
  object.put_text(dicom::tags::SOPClassUID, vr::UI, "1.2.840.10008.5.1.4.1.1.1.1");
  object.put_text(dicom::tags::SOPInstanceUID, vr::UI, "1.2.3.4.5.6.7.1");
  object.put_text({0x0008, 0x0020}, vr::DA, "20260110");
  object.put_text(dicom::tags::Modality, vr::CS, "DX");
  object.put_text(dicom::tags::PatientName, vr::PN, "PHANTOM^ONE");
  object.put_text(dicom::tags::PatientID, vr::LO, "MRN-554433");
  object.put_text(dicom::tags::StudyInstanceUID, vr::UI, "1.2.3.4.5.6.7.2");
  object.put_text(dicom::tags::SeriesInstanceUID, vr::UI, "1.2.3.4.5.6.7.3");
  return object;
}

/// "RequestAttributesSequence.RequestedProcedureID": sequences, then the attribute.
std::optional<std::vector<Tag>> tags_of(std::string_view path) {
  std::vector<Tag> tags;
  for (;;) {
    const std::size_t end = path.find('.');
    const std::string_view word = path.substr(0, end);
    std::optional<Tag> tag = dicom::parse_tag(word);
    if (const auto* entry = dicom::find_keyword(word)) tag = entry->tag;
    if (!tag) return std::nullopt;
    tags.push_back(*tag);
    if (end == std::string_view::npos) return tags;
    path.remove_prefix(end + 1);
  }
}

void put(Dataset& object, const std::vector<Tag>& tags, const std::string& value) {
  Item* item = &object.root();
  for (std::size_t i = 0; i + 1 < tags.size(); ++i) {
    Element* sequence = Dataset::find(*item, tags[i]);
    if (sequence == nullptr) sequence = &object.put_sequence(*item, tags[i]);
    if (sequence->items.empty()) sequence->items.emplace_back();
    item = &sequence->items.front();
  }
  object.put_text(*item, tags.back(), dicom::implicit_vr(tags.back()), value);
}

std::string value_at(const Dataset& object, const std::vector<Tag>& tags) {
  const Item* item = &object.root();
  for (std::size_t i = 0; i + 1 < tags.size(); ++i) {
    const Element* sequence = Dataset::find(*item, tags[i]);
    if (sequence == nullptr || sequence->items.empty()) return std::string(kAbsent);
    item = &sequence->items.front();
  }
  const Element* element = Dataset::find(*item, tags.back());
  if (element == nullptr) return std::string(kAbsent);
  return std::string(dicom::trimmed(element->value));
}

std::string meant(const std::string& expected, const std::string& given, Tag tag) {
  if (expected == "{pseudonym}") return case_row().pseudonym.reveal();
  if (expected == "{accession}") return case_row().accession.reveal();
  if (expected == "{uid}") return dicom::mapped_uid(case_secret(), given).value;
  if (expected == "{shifted}") {
    const DateShift shift(std::chrono::days(kOffsetDays), std::nullopt);
    const bool date = dicom::implicit_vr(tag) == vr::DA;
    return (date ? shift.date(given) : shift.date_time(given)).value_or("{no date}");
  }
  return expected;
}

Error unreadable(const toml::Place& place, std::string_view what) {
  return make_error(ErrorKind::invalid, "profile.cases", place.text() + ": " + std::string(what));
}

class CaseRun {
 public:
  explicit CaseRun(const Profile& profile) : profile_(profile) {}

  Result<CaseOutcome> run(const toml::Node& test) {
    const toml::Node* name = test.find("name");
    const toml::Node* given = test.find("given");
    const toml::Node* expect = test.find("expect");
    if (name == nullptr || given == nullptr || expect == nullptr) {
      return unreadable(test.place, "a case needs a name, and tables given and expect");
    }
    Dataset object = case_object();
    for (const auto& [key, value] : given->members) {
      VR_TRY(const auto tags, attribute(key, value));
      put(object, tags, value.string);
    }
    VR_TRY(const DeidReport report, deidentify(object, profile_, case_row(), {}));
    CaseOutcome outcome{name->string, test.place, {}};
    for (const Problem& problem : report.problems)
      outcome.failures.push_back("held: " + problem.rule);
    for (const auto& [key, value] : expect->members) {
      VR_TRY(const auto tags, attribute(key, value));
      const toml::Node* before = given->find(key);
      const std::string wanted =
          meant(value.string, before == nullptr ? "" : before->string, tags.back());
      const std::string got = value_at(object, tags);
      if (got != wanted) {
        outcome.failures.push_back(key + ": expected \"" + wanted + "\", got \"" + got + "\"");
      }
    }
    return outcome;
  }

 private:
  static Result<std::vector<Tag>> attribute(const std::string& key, const toml::Node& value) {
    const auto tags = tags_of(key);
    if (!tags) return unreadable(value.place, "unknown attribute \"" + key + "\"");
    if (value.kind != toml::Kind::text) return unreadable(value.place, "a value is a text");
    return *tags;
  }

  const Profile& profile_;
};

}  // namespace

Result<std::vector<CaseOutcome>> run_cases(const Profile& profile, std::string_view text,
                                           const std::string& file) {
  const toml::Parsed parsed = toml::parse(text, file);
  if (parsed.error) return unreadable(parsed.error->place, parsed.error->what);
  const toml::Node* cases = parsed.root.find("case");
  if (cases == nullptr || cases->kind != toml::Kind::array) {
    return unreadable(parsed.root.place, "there is no [[case]]");
  }
  std::vector<CaseOutcome> outcomes;
  CaseRun run(profile);
  for (const toml::Node& test : cases->items) {
    VR_TRY(CaseOutcome outcome, run.run(test));
    outcomes.push_back(std::move(outcome));
  }
  return outcomes;
}

}  // namespace veilroute::profiles
