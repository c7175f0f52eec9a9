// A digital X-ray with compressed pixels made by hand, and its way through strip, engine and
// verify.
#pragma once

#include "core/base/crypto.h"
#include "profiles/strip_pixels.h"
#include "tests/profiles/copies.h"
#include "tests/support/codestreams.h"
#include "tests/support/encapsulated.h"

namespace veilroute::profiles::testing {

/// An object as it was received: 2 x 4 pixels, so many frames.
struct Received {
  Received(const char* uid, const std::string& fragments, const std::string& frames,
           const std::function<void(Dataset&)>& change = {})
      : syntax(dicom::find_transfer_syntax(Uid{uid}).value()), object(syntax) {
    Dataset head = xray();
    Dataset::remove(head.root(), dicom::tags::PixelData);
    if (!frames.empty()) head.put_text(dicom::tags::NumberOfFrames, vr::IS, frames);
    if (change) change(head);
    bytes = dicom::write_dataset(head).value().own;
    const std::string pixels = std::string("\xE0\x7F\x10\0OB\0\0\xFF\xFF\xFF\xFF", 12) + fragments;
    bytes.insert(bytes.end(), pixels.begin(), pixels.end());
    parse();
  }
  /// Any data set.
  Received(const dicom::TransferSyntax& its_syntax, Bytes its_bytes)
      : syntax(its_syntax), bytes(std::move(its_bytes)), object(syntax) {
    parse();
  }
  Received(const Received&) = delete;
  Received& operator=(const Received&) = delete;

  OpenSource opener() {
    return [this]() -> Result<std::unique_ptr<ByteSource>> {
      ++opened;
      return std::unique_ptr<ByteSource>(std::make_unique<MemorySource>(bytes));
    };
  }
  DeidReport prepare(const Profile& profile = *basic()) {
    terms.collect(object);
    EXPECT_TRUE(strip_pixels(object, profile, opener()).ok());
    DeidReport report = run(object, profile);
    if (report.problems.empty()) copy = copy_of(object, facts.large);
    return report;
  }
  std::vector<std::string> verify() {
    Verifier verifier(*basic(), terms, pseudonyms());
    auto findings = verifier.check(copy.record, copy.own, copy.large, opener());
    EXPECT_TRUE(findings.ok());
    if (!findings.ok()) return {"error"};
    const auto clearance = verifier.clear({TransferId{}, basic()->version, {copy.record}});
    EXPECT_EQ(clearance.ok(), findings->empty());
    return rules_of(*findings);
  }
  /// As it leaves.
  Bytes sent() {
    MemorySource own(copy.own);
    MemorySource source(bytes);
    dicom::RecordSource record(copy.record, own, source);
    Bytes all(static_cast<std::size_t>(record.size_bytes()));
    EXPECT_TRUE(record.read_at(0, all).ok());
    return all;
  }

  dicom::TransferSyntax syntax;
  Bytes bytes;
  dicom::ScanFacts facts;
  Dataset object;
  IdentityTerms terms;
  Copy copy;
  unsigned opened = 0;

 private:
  void parse() {
    facts = support::scan(bytes, syntax);
    EXPECT_FALSE(facts.problem.has_value());
    MemorySource source(bytes);
    auto read = dicom::read_dataset(source, syntax, facts.large);
    EXPECT_TRUE(read.ok());
    if (read.ok()) object = std::move(*read);
  }
};

}  // namespace veilroute::profiles::testing
