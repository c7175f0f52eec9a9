#include "profiles/verify_output.h"

#include <algorithm>
#include <set>
#include <utility>

#include "core/dicom/uid.h"
#include "profiles/verify_foreign.h"
#include "profiles/verify_leaks.h"
#include "profiles/verify_permitted.h"
#include "profiles/verify_reading.h"

namespace veilroute::profiles {
namespace {

constexpr std::string_view kOtherPair =
    "The copy is of another kind of object than the file it is compared with: are they a pair? "
    "Name "
    "who is who by --map.";
constexpr std::string_view kBesidePicture =
    "Something stands in the compressed pixels beside the picture, where devices write names: have "
    "the tool that made the copy remove it.";
constexpr std::string_view kNamedAfter =
    "The name of the file or of its folder holds a word, number or UID of the source: name copies "
    "by their new UIDs.";
constexpr std::string_view kUnreadable =
    "The data set cannot be read to its end by a second reader, so nobody can say what it holds.";

Problem output_problem(std::string path, std::string_view rule, std::string_view advice) {
  return {std::move(path), std::string(rule), std::string(advice)};
}

/// Days that the copy tells and no source: without the row nobody can say more of a shifted date.
ShiftedDays days_of_its_own(const std::vector<Seen>& attributes,
                            const std::set<std::string, std::less<>>& source_days) {
  constexpr std::size_t kDateDigits = 8;
  std::set<std::string, std::less<>> days;
  for (const Seen& seen : attributes) {
    if (seen.vr != dicom::vr::DA && seen.vr != dicom::vr::DT) continue;
    for (const std::string_view value : components(text_of(seen))) {
      const std::string_view day = value.substr(0, kDateDigits);
      if (source_days.find(day) == source_days.end()) days.emplace(day);
    }
  }
  return {days, 0};
}

/// Without the row: what the copy itself says. That it is none of the source's own words is for the
/// search to find, which is not told of it.
Permitted as_the_copy_says(const std::vector<Seen>& attributes, const OldUids& old_uids,
                           const std::set<std::string, std::less<>>& source_days,
                           const Profile& profile) {
  Permitted permitted;
  permitted.profile = &profile;
  permitted.shifted = days_of_its_own(attributes, source_days);
  for (const Seen& seen : attributes) {
    if (seen.depth == 0 && seen.tag == dicom::tags::PatientID) permitted.pseudonym = text_of(seen);
    if (seen.depth == 0 && seen.tag == dicom::tags::AccessionNumber) {
      permitted.accession = text_of(seen);
    }
    if (seen.vr != dicom::vr::UI) continue;
    for (const std::string_view uid : components(text_of(seen))) {
      if (uid.starts_with("2.25.") && old_uids.find(uid) == old_uids.end()) {
        permitted.new_uids.emplace(uid);
      }
    }
  }
  return permitted;
}

/// The search calls an old UID what it finds anywhere; where it has been said already, once is
/// enough.
void leave_out_said(const std::vector<Problem>& said, std::vector<Problem>& found) {
  std::set<std::string> paths;
  for (const Problem& each : said) {
    if (each.rule == "verify.uid-not-replaced") paths.insert(each.path);
  }
  std::erase_if(found, [&paths](const Problem& each) { return paths.contains(each.path); });
}

void join_to(std::vector<Problem>& problems, std::vector<Problem> more) {
  problems.insert(problems.end(), std::make_move_iterator(more.begin()),
                  std::make_move_iterator(more.end()));
}

}  // namespace

struct OutputVerifier::State {
  State(const IdentityTerms& terms, MadeWith with)
      : made(std::move(with)),
        profile(made.profile ? *made.profile : Profile{}),
        old_uids(terms.state().uids),
        source_days(terms.state().source_days) {
    if (made.pseudonyms) permitted = permitted_for(profile, terms, *made.pseudonyms);
    permitted.profile = &profile;
    leaks = std::make_unique<LeakSearch>(terms.state(), permitted, HarmlessValue{});
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  [[nodiscard]] std::vector<Problem> by_profile(const OutputCopy& copy,
                                                const std::vector<Seen>& attributes,
                                                const std::optional<SourceOfCopy>& source) const;
  [[nodiscard]] std::vector<Problem> words_in(const std::vector<Seen>& attributes) const;
  [[nodiscard]] std::vector<Problem> what_is_left(const OutputCopy& copy,
                                                  const std::vector<Seen>& attributes,
                                                  const FileMeta& meta) const;

  MadeWith made;
  Profile profile;  ///< without rules for another tool's copies
  OldUids old_uids;
  std::set<std::string, std::less<>> source_days;
  Permitted permitted;  ///< without the row: nothing is
  std::unique_ptr<LeakSearch> leaks;
};

std::vector<Problem> OutputVerifier::State::by_profile(
    const OutputCopy& copy, const std::vector<Seen>& attributes,
    const std::optional<SourceOfCopy>& source) const {
  const bool row_is_known = made.pseudonyms.has_value();
  const Permitted agreed =
      row_is_known ? permitted : as_the_copy_says(attributes, old_uids, source_days, profile);
  dicom::OutboxRecord record = copy.record;
  if (row_is_known && source && profile.deidentifies) {
    record.sop_instance = dicom::mapped_uid(made.pseudonyms->secret, source->sop_instance.value);
  }
  std::vector<Problem> problems = check_declarations(attributes, record, agreed);
  if (!profile.deidentifies) return problems;
  if (agreed.pseudonym.empty()) {
    problems.push_back(output_problem(dicom::to_text(dicom::tags::PatientID),
                                      "verify.not-the-pseudonym", kBrokenPromise));
  }
  join_to(problems, check_attributes(attributes, agreed));
  return problems;
}

/// What is found beside the data set; what is wrong with the search itself has been said.
std::vector<Problem> OutputVerifier::State::words_in(const std::vector<Seen>& attributes) const {
  std::vector<Problem> found = leaks->check(attributes, {});
  std::erase_if(found, [](const Problem& each) { return each.rule != "verify.identity-found"; });
  return found;
}

/// Of the source, wherever it stands in the file.
std::vector<Problem> OutputVerifier::State::what_is_left(const OutputCopy& copy,
                                                         const std::vector<Seen>& attributes,
                                                         const FileMeta& meta) const {
  std::vector<Problem> problems = check_uids(meta.attributes, old_uids);
  join_to(problems, check_uids(attributes, old_uids));
  const Result<dicom::TransferSyntax> syntax =
      dicom::find_transfer_syntax(copy.record.transfer_syntax);
  const bool inflated = syntax.ok() && !syntax->deflated;
  std::vector<Problem> found = leaks->check(attributes, inflated ? ByteView(copy.own) : ByteView());
  join_to(found, words_in(meta.attributes));
  leave_out_said(problems, found);
  join_to(problems, std::move(found));
  Seen name;
  name.vr = dicom::vr::LO;
  name.value = as_bytes(copy.name);
  if (!words_in({name}).empty()) {
    problems.push_back(output_problem("", "verify.file-name", kNamedAfter));
  }
  return problems;
}

OutputVerifier::OutputVerifier(const IdentityTerms& terms, MadeWith made)
    : state_(std::make_unique<State>(terms, std::move(made))) {}
OutputVerifier::~OutputVerifier() = default;

std::vector<Problem> OutputVerifier::check(const OutputCopy& copy,
                                           const std::optional<SourceOfCopy>& source) const {
  const FileMeta meta = read_file_meta(copy.head);
  std::vector<Problem> problems = check_file_head(copy.head, meta);
  if (source && source->sop_class != copy.record.sop_class) {
    problems.push_back(output_problem(dicom::to_text(dicom::tags::SOPClassUID),
                                      "verify.other-object", kOtherPair));
  }
  const Result<CopyReading> reading = CopyReading::open(copy.record, copy.own, copy.large);
  if (!reading.ok()) {
    problems.push_back(output_problem("", "verify.unreadable", kUnreadable));
    return problems;
  }
  for (const dicom::LargeValue& large : copy.large) {
    if (large.codestream == dicom::Codestream::clean) continue;
    problems.push_back(
        output_problem(dicom::to_text(large.tag), "verify.codestream", kBesidePicture));
  }
  const std::vector<Seen>& attributes = reading->attributes();
  join_to(problems, state_->made.profile ? state_->by_profile(copy, attributes, source)
                                         : check_foreign(attributes));
  join_to(problems, state_->what_is_left(copy, attributes, meta));
  return problems;
}

}  // namespace veilroute::profiles
