// What a finished copy says about itself: that it is the object its record names, whose it is now,
// and that and how it was de-identified (PS3.15 E.1.1).
#include <algorithm>
#include <string>

#include "profiles/verify_rules.h"

namespace veilroute::profiles {
namespace {

using dicom::Tag;
namespace vr = dicom::vr;

const Seen* top_level(const std::vector<Seen>& attributes, Tag tag) {
  for (const Seen& seen : attributes) {
    if (seen.depth == 0 && seen.tag == tag) return &seen;
  }
  return nullptr;
}

bool has_method_code(const std::vector<Seen>& attributes, std::string_view code) {
  const Seen* sequence = top_level(attributes, {0x0012, 0x0064});
  if (sequence == nullptr) return false;
  const std::string inside = std::string(sequence->path) + "[";
  return std::any_of(attributes.begin(), attributes.end(), [&](const Seen& seen) {
    return seen.tag == Tag{0x0008, 0x0100} && seen.path.starts_with(inside) && text_of(seen) == code;
  });
}

/// A copy must name every option under which it kept or cleaned more than the Basic Profile does.
bool names_options(const std::vector<Seen>& attributes, const Options& options) {
  if (!has_method_code(attributes, "113100")) return false;
  const auto all = all_options();
  return std::all_of(all.begin(), all.end(), [&](Option option) {
    return !options.has(option) || has_method_code(attributes, code_of(option));
  });
}

bool names_profile(const Seen* method, const Profile& profile) {
  if (method == nullptr) return false;
  const std::string ours =
      "Veilroute " + profile.name.value + " " + profile.version.value.substr(0, 12);
  const std::vector<std::string_view> said = components(text_of(*method));
  return std::find(said.begin(), said.end(), ours) != said.end();
}

}  // namespace

std::vector<Problem> check_declarations(const std::vector<Seen>& attributes,
                                        const dicom::OutboxRecord& record,
                                        const Permitted& permitted) {
  std::vector<Problem> problems;
  const auto demand = [&](Tag tag, std::string_view text, std::string_view rule) {
    const Seen* seen = top_level(attributes, tag);
    if (seen == nullptr || text_of(*seen) != text) {
      problems.push_back({dicom::to_text(tag), std::string(rule), std::string(kBrokenPromise)});
    }
  };
  demand(dicom::tags::SOPClassUID, record.sop_class.value, "verify.other-object");
  demand(dicom::tags::SOPInstanceUID, record.sop_instance.value, "verify.other-object");
  if (!permitted.profile->deidentifies) return problems;
  demand(dicom::tags::PatientID, permitted.pseudonym, "verify.not-the-pseudonym");
  demand(dicom::tags::PatientName, permitted.pseudonym, "verify.not-the-pseudonym");
  demand({0x0012, 0x0062}, "YES", "verify.not-declared");
  demand({0x0028, 0x0303}, longitudinal_word(*permitted.profile), "verify.not-declared");
  if (!names_profile(top_level(attributes, {0x0012, 0x0063}), *permitted.profile)) {
    problems.push_back({"(0012,0063)", "verify.not-declared", std::string(kBrokenPromise)});
  }
  if (!names_options(attributes, permitted.profile->options)) {
    problems.push_back({"(0012,0064)", "verify.not-declared", std::string(kBrokenPromise)});
  }
  return problems;
}

}  // namespace veilroute::profiles
