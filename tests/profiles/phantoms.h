// Phantoms as tests of this room use them: parsed, with what the scanner found.
#pragma once

#include "core/dicom/phantom.h"
#include "tests/profiles/copies.h"
#include "tests/support/corpus.h"

namespace veilroute::profiles::testing {

struct Loaded {
  dicom::Phantom phantom;
  dicom::ScanFacts facts;
  Dataset object;
};

inline Loaded load(const dicom::PhantomOptions& options) {
  auto phantom = dicom::make_phantom(options);
  EXPECT_TRUE(phantom.ok());
  const auto syntax = dicom::find_transfer_syntax(phantom->transfer_syntax).value();
  const ByteView bytes =
      ByteView(phantom->file).subspan(static_cast<std::size_t>(phantom->dataset_offset));
  dicom::ScanFacts facts = support::scan(bytes, syntax);
  EXPECT_FALSE(facts.problem.has_value());
  MemorySource source(bytes);
  auto object = dicom::read_dataset(source, syntax, facts.large);
  EXPECT_TRUE(object.ok());
  return {std::move(*phantom), std::move(facts), std::move(*object)};
}

}  // namespace veilroute::profiles::testing
