#include "router/dicom_echo.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "core/dicom/transfer_syntax.h"
#include "core/dicom/uid.h"

namespace veilroute::router {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// What departments send to others: below dicom::kStorageRoot.
constexpr std::array<std::string_view, 26> kCommonClasses = {
    "1",      "1.1",    "1.2",   "1.3",   "2",     "2.1",  "3.1",   "4",      "4.1",
    "6.1",    "7",      "7.2",   "7.4",   "11.1",  "12.1", "12.2",  "13.1.3", "20",
    "77.1.1", "77.1.4", "88.11", "88.33", "88.67", "128",  "481.1", "481.3"};

struct NamedSyntax {
  std::string_view uid;
  std::string_view name;
};
constexpr std::array<NamedSyntax, 9> kCommonSyntaxes = {{
    {dicom::kImplicitLittleEndian, "Implicit VR Little Endian"},
    {dicom::kExplicitLittleEndian, "Explicit VR Little Endian"},
    {"1.2.840.10008.1.2.4.70", "JPEG Lossless"},
    {"1.2.840.10008.1.2.4.80", "JPEG-LS Lossless"},
    {"1.2.840.10008.1.2.4.90", "JPEG 2000 Lossless"},
    {"1.2.840.10008.1.2.5", "RLE"},
    {"1.2.840.10008.1.2.4.50", "JPEG Baseline"},
    {"1.2.840.10008.1.2.4.91", "JPEG 2000"},
    {"1.2.840.10008.1.2.4.201", "HTJ2K Lossless"},
}};

/// Every class in every syntax: sending proposes pairs, since a receiver chooses one syntax of a
/// context.
std::vector<dicom::ProposedContext> pairs_to_ask() {
  std::vector<dicom::ProposedContext> pairs;
  for (const std::string_view rest : kCommonClasses) {
    const Uid sop_class{std::string(dicom::kStorageRoot) + std::string(rest)};
    for (const NamedSyntax& syntax : kCommonSyntaxes) {
      pairs.push_back({0, sop_class, {Uid{std::string(syntax.uid)}}});
    }
  }
  return pairs;
}

void note_taken(const dicom::Requestor& association,
                std::span<const dicom::ProposedContext> proposed,
                std::vector<EchoReport::Taken>& asked) {
  for (const dicom::ProposedContext& pair : proposed) {
    if (asked.empty() || asked.back().sop_class != pair.abstract_syntax) {
      asked.push_back({pair.abstract_syntax, {}});
    }
    const Uid& syntax = pair.transfer_syntaxes.front();
    if (association.context(pair.abstract_syntax, syntax)) {
      asked.back().transfer_syntaxes.push_back(syntax);
    }
  }
}

Result<void> ask_what_is_taken(const dicom::Call& call, const dicom::Interrupt& stop,
                               std::vector<EchoReport::Taken>& asked) {
  const std::vector<dicom::ProposedContext> pairs = pairs_to_ask();
  for (std::size_t at = 0; at < pairs.size(); at += dicom::kMostContexts) {
    const std::size_t some = std::min(dicom::kMostContexts, pairs.size() - at);
    const auto part = std::span(pairs).subspan(at, some);
    VR_TRY(dicom::Requestor association,
           dicom::Requestor::open(call, {part.begin(), part.end()}, stop));
    note_taken(association, part, asked);
    association.release();
  }
  return {};
}

}  // namespace

Result<EchoReport> ask_receiver(const dicom::Call& call, const dicom::Interrupt& stop) {
  const dicom::ProposedContext verification{0,
                                            Uid{std::string(dicom::kVerificationClass)},
                                            {Uid{std::string(dicom::kExplicitLittleEndian)},
                                             Uid{std::string(dicom::kImplicitLittleEndian)}}};
  EchoReport report;
  const auto began = steady_clock::now();
  VR_TRY(dicom::Requestor association, dicom::Requestor::open(call, {verification}, stop));
  const auto reached = steady_clock::now();
  VR_TRY(association.echo());
  report.answered = duration_cast<milliseconds>(steady_clock::now() - reached);
  report.reached = duration_cast<milliseconds>(reached - began);
  report.tls = association.tls();
  report.peer = association.peer_implementation();
  association.release();
  // A receiver that is there and has no second association to spare is there.
  const Result<void> asked = ask_what_is_taken(call, stop, report.asked);
  if (!asked.ok()) report.asked_until = asked.error().slug;
  return report;
}

std::string name_of_transfer_syntax(const Uid& uid) {
  const auto* known = std::find_if(kCommonSyntaxes.begin(), kCommonSyntaxes.end(),
                                   [&](const NamedSyntax& each) { return each.uid == uid.value; });
  return known == kCommonSyntaxes.end() ? uid.value : std::string(known->name);
}

}  // namespace veilroute::router
