// Any bytes as a data set, in any layout. Properties: the scanner says the same whatever pieces it
// gets; read_dataset never accepts what the scanner does not; what it accepts is written back to
// something that reads the same, and DCMTK does not fall over it.
#include <array>
#include <cstdlib>

#include "core/dicom/dataset.h"
#include "core/dicom/scanner.h"
#include "core/dicom/second_reader.h"

namespace {

using namespace veilroute;

dicom::ScanFacts scan(ByteView bytes, const dicom::TransferSyntax& syntax, std::size_t piece) {
  dicom::Scanner scanner(syntax, {});
  while (!bytes.empty()) {
    const ByteView some = bytes.first(std::min(piece, bytes.size()));
    scanner.feed(some);
    bytes = bytes.subspan(some.size());
  }
  return scanner.finish();
}

Bytes materialised(const dicom::WrittenDataset& written, ByteView source) {
  Bytes all;
  for (const dicom::Piece& piece : written.pieces) {
    const ByteView from = piece.own ? ByteView(written.own) : source;
    const ByteView part = from.subspan(static_cast<std::size_t>(piece.offset),
                                       static_cast<std::size_t>(piece.length));
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

void must(bool holds) {
  if (!holds) std::abort();
}

/// Writes it, reads that, writes it again: the second time nothing may change any more.
void round_trip(const dicom::Dataset& dataset, ByteView source,
                const dicom::TransferSyntax& syntax) {
  const auto written = dicom::write_dataset(dataset);
  must(written.ok());
  const Bytes once = materialised(*written, source);
  const dicom::ScanFacts facts = scan(once, syntax, 1000);
  must(!facts.problem);
  MemorySource again(once);
  const auto reread = dicom::read_dataset(again, syntax, facts.large);
  must(reread.ok());
  const auto rewritten = dicom::write_dataset(*reread);
  must(rewritten.ok() && materialised(*rewritten, once) == once);
}

constexpr std::array<std::string_view, 5> kSyntaxes = {
    dicom::kImplicitLittleEndian, dicom::kExplicitLittleEndian, dicom::kExplicitBigEndian,
    dicom::kDeflated, "1.2.840.10008.1.2.4.90"};

}  // namespace

/// The first byte chooses the layout.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string uid(kSyntaxes[data[0] % kSyntaxes.size()]);
  const dicom::TransferSyntax syntax = dicom::find_transfer_syntax(Uid{uid}).value();
  const ByteView bytes = ByteView(data, size).subspan(1);
  const dicom::ScanFacts facts = scan(bytes, syntax, SIZE_MAX);
  const dicom::ScanFacts pieces = scan(bytes, syntax, 7);
  must(facts.problem == pieces.problem && facts.large == pieces.large);
  MemorySource source(bytes);
  const auto dataset = dicom::read_dataset(source, syntax, facts.large);
  must(dataset.ok() == !facts.problem.has_value());
  if (!dataset.ok()) return 0;
  round_trip(*dataset, bytes, syntax);
  [[maybe_unused]] const auto second = dicom::read_with_dcmtk(bytes, syntax);
  return 0;
}
