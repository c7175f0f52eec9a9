#include "core/dicom/second_reader.h"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdict.h>
#include <dcmtk/dcmdata/dcdicent.h>
#include <dcmtk/dcmdata/dcistrma.h>
#include <dcmtk/dcmdata/dcpixseq.h>
#include <dcmtk/dcmdata/dcpxitem.h>
#include <dcmtk/dcmdata/dctk.h>
#include <dcmtk/oflog/oflog.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <mutex>

#include "core/dicom/inflate.h"
#include "core/dicom/skeleton.h"

namespace veilroute::dicom {
namespace {

constexpr unsigned kDeepestWalk = 2 * kDeepestNesting;
/// Of all elements together: a small object nested deep could cost gigabytes.
constexpr std::uint64_t kMostPathBytes = 32U << 20U;

Error unreadable(std::string_view slug, std::string detail) {
  return make_error(ErrorKind::invalid, "second-reader." + std::string(slug), std::move(detail));
}

/// Gives DCMTK a skeleton's bytes. The names are DCMTK's.
class SkeletonProducer final : public DcmProducer {
 public:
  SkeletonProducer(const Skeleton& skeleton, std::uint64_t at) : skeleton_(skeleton), at_(at) {}
  OFBool good() const override { return OFTrue; }
  OFCondition status() const override { return EC_Normal; }
  OFBool eos() override { return at_ == skeleton_.size_bytes(); }
  offile_off_t avail() override {
    return static_cast<offile_off_t>(skeleton_.size_bytes() - at_);
  }
  offile_off_t read(void* out, offile_off_t count) override {
    const offile_off_t some = std::min(count, avail());
    if (some <= 0) return 0;
    skeleton_.copy(at_, {static_cast<std::uint8_t*>(out), static_cast<std::size_t>(some)});
    at_ += static_cast<std::uint64_t>(some);
    return some;
  }
  offile_off_t skip(offile_off_t count) override {
    const offile_off_t some = std::max<offile_off_t>(0, std::min(count, avail()));
    at_ += static_cast<std::uint64_t>(some);
    return some;
  }
  void putback(offile_off_t count) override { at_ -= static_cast<std::uint64_t>(count); }

 private:
  const Skeleton& skeleton_;
  std::uint64_t at_;
};

/// The producer must be there before the stream's base, and after it is gone.
struct ProducerHolder {
  ProducerHolder(const Skeleton& skeleton, std::uint64_t at) : producer(skeleton, at) {}
  SkeletonProducer producer;
};

class SkeletonStream final : private ProducerHolder, public DcmInputStream {
 public:
  SkeletonStream(const Skeleton& skeleton, std::uint64_t at)
      : ProducerHolder(skeleton, at), DcmInputStream(&producer), skeleton_(skeleton), base_(at) {}
  DcmInputStreamFactory* newFactory() const override;

 private:
  const Skeleton& skeleton_;
  std::uint64_t base_;
};

/// How DCMTK comes back to a value it stepped over; having one is what lets it step over.
class SkeletonFactory final : public DcmInputStreamFactory {
 public:
  SkeletonFactory(const Skeleton& skeleton, std::uint64_t at) : skeleton_(skeleton), at_(at) {}
  DcmInputStream* create() const override { return new SkeletonStream(skeleton_, at_); }
  DcmInputStreamFactory* clone() const override { return new SkeletonFactory(skeleton_, at_); }
  DcmInputStreamFactoryType ident() const override { return DFT_DcmInputFileStreamFactory; }

 private:
  const Skeleton& skeleton_;
  std::uint64_t at_;
};

DcmInputStreamFactory* SkeletonStream::newFactory() const {
  return new SkeletonFactory(skeleton_, base_ + static_cast<std::uint64_t>(tell()));
}

/// How element headers are encoded at some place, as far as DCMTK's tree tells: what stands in a
/// sequence of undefined length may have been UN, and is implicit then (PS3.5 6.2.2).
enum class Headers : std::uint8_t { implicit_vr, explicit_vr, either };

/// Lists DCMTK's tree, and adds up the bytes its elements stand for. The sum is a range: DCMTK
/// does not say whether an even value was odd before, nor what was UN.
class Walker {
 public:
  explicit Walker(SecondReading& reading) : reading_(reading) {}
  bool walk_item(DcmItem& item, Headers headers, unsigned depth, const std::string& prefix);
  [[nodiscard]] bool accounts_for(std::uint64_t bytes) const {
    return bytes_ - doubtful_ <= bytes && bytes <= bytes_;
  }
  Error error() && { return std::move(error_); }

 private:
  bool walk_element(DcmElement& element, Headers headers, unsigned depth,
                    const std::string& prefix);
  bool walk_sequence(DcmSequenceOfItems& sequence, Headers headers, unsigned depth,
                     const std::string& path);
  bool add_fragments(DcmPixelData& pixels);
  bool take_value(DcmElement& element, SeenElement& seen);
  bool fail(Tag tag);

  SecondReading& reading_;
  std::uint64_t bytes_ = 0;     // at most
  std::uint64_t doubtful_ = 0;  // of these
  std::uint64_t path_bytes_ = 0;
  Error error_;
};

bool Walker::fail(Tag tag) {
  error_ = unreadable("cannot-read", "DCMTK cannot show " + to_text(tag));
  return false;
}

bool Walker::walk_item(DcmItem& item, Headers headers, unsigned depth,
                       const std::string& prefix) {
  if (depth > kDeepestWalk) {
    error_ = unreadable("cannot-read", "DCMTK sees too deep a nesting");
    return false;
  }
  for (DcmObject* object = item.nextInContainer(nullptr); object != nullptr;
       object = item.nextInContainer(object)) {
    auto* element = dynamic_cast<DcmElement*>(object);
    if (element == nullptr) return fail({object->getGTag(), object->getETag()});
    if (!walk_element(*element, headers, depth, prefix)) return false;
  }
  return true;
}

Vr vr_seen(DcmElement& element) {
  const char* name = element.getTag().getVRName();
  Vr seen = name != nullptr && name[0] != '\0' ? vr_of(name[0], name[1]) : Vr::none;
  if (!is_known(seen)) {
    const char* valid = DcmVR(element.getVR()).getValidVRName();
    seen = vr_of(valid[0], valid[1]);
  }
  return seen;
}

bool Walker::walk_element(DcmElement& element, Headers headers, unsigned depth,
                          const std::string& prefix) {
  SeenElement seen;
  seen.tag = {element.getGTag(), element.getETag()};
  seen.path = prefix + to_text(seen.tag);
  path_bytes_ += seen.path.size();
  if (path_bytes_ > kMostPathBytes) {
    error_ = unreadable("cannot-read", "the data set has too many elements nested too deep");
    return false;
  }
  seen.depth = depth;
  seen.vr = vr_seen(element);
  seen.length = element.getLengthField();
  const bool wide = headers != Headers::implicit_vr && has_long_length(seen.vr);
  bytes_ += wide ? 12U : 8U;
  if (wide && headers == Headers::either) doubtful_ += 4;
  // A sequence of DCMTK's other kind (Pixel Data) is told by its class, not by its VR.
  if (auto* sequence = dynamic_cast<DcmSequenceOfItems*>(&element)) {
    seen.is_sequence = true;
    const std::string path = seen.path;
    reading_.elements.push_back(std::move(seen));
    return walk_sequence(*sequence, headers, depth, path);
  }
  seen.opaque = element.getTag().getEVR() == EVR_UN;
  auto* pixels = dynamic_cast<DcmPixelData*>(&element);
  if (pixels != nullptr && seen.length == DCM_UndefinedLength) {
    seen.large = true;
    reading_.elements.push_back(std::move(seen));
    return add_fragments(*pixels);
  }
  bytes_ += seen.length;
  if (seen.length > 0) ++doubtful_;
  if (!take_value(element, seen)) return fail(seen.tag);
  reading_.elements.push_back(std::move(seen));
  return true;
}

bool Walker::take_value(DcmElement& element, SeenElement& seen) {
  seen.large = seen.length >= kLargeValueBytes;
  if (seen.large || seen.length == 0) return true;
  seen.raw.resize(seen.length);
  return element.getPartialValue(seen.raw.data(), 0, seen.length).good();
}

bool Walker::walk_sequence(DcmSequenceOfItems& sequence, Headers headers, unsigned depth,
                           const std::string& path) {
  constexpr std::uint64_t kItemBytes = 8;
  if (sequence.getLengthField() == DCM_UndefinedLength) {
    bytes_ += kItemBytes;
    if (headers == Headers::explicit_vr) headers = Headers::either;
  }
  unsigned number = 0;
  for (DcmObject* object = sequence.nextInContainer(nullptr); object != nullptr;
       object = sequence.nextInContainer(object)) {
    auto* item = dynamic_cast<DcmItem*>(object);
    if (item == nullptr) return fail({sequence.getGTag(), sequence.getETag()});
    bytes_ += item->getLengthField() == DCM_UndefinedLength ? 2 * kItemBytes : kItemBytes;
    const std::string prefix = path + "[" + std::to_string(++number) + "].";
    if (!walk_item(*item, headers, depth + 1, prefix)) return false;
  }
  return true;
}

bool Walker::add_fragments(DcmPixelData& pixels) {
  E_TransferSyntax syntax = EXS_Unknown;
  const DcmRepresentationParameter* parameter = nullptr;
  pixels.getOriginalRepresentationKey(syntax, parameter);
  DcmPixelSequence* sequence = nullptr;
  if (pixels.getEncapsulatedRepresentation(syntax, parameter, sequence).bad()) {
    return fail(tags::PixelData);
  }
  bytes_ += 8;
  for (DcmObject* object = sequence->nextInContainer(nullptr); object != nullptr;
       object = sequence->nextInContainer(object)) {
    bytes_ += 8U + object->getLengthField();
  }
  return true;
}

/// DCMTK does not know the newest encapsulated syntaxes; to a reader of headers all are alike.
E_TransferSyntax syntax_for(const TransferSyntax& syntax) {
  if (syntax.encapsulated) return EXS_JPEG2000;
  if (syntax.implicit_vr) return EXS_LittleEndianImplicit;
  return syntax.big_endian ? EXS_BigEndianExplicit : EXS_LittleEndianExplicit;
}

DcmVR vr_for(Vr value) {
  const std::string name = to_text(value);
  return is_known(value) ? DcmVR(name.c_str()) : DcmVR(EVR_UN);
}

Result<void> load_dictionary() {
  unsetenv("DCMDICTPATH");  // a wrong one would leave no dictionary at all
  if (!dcmDataDict.isDictionaryLoaded()) {
    return make_error(ErrorKind::internal, "second-reader.no-dictionary",
                      "DCMTK's data dictionary is not installed");
  }
  DcmDataDictionary& dictionary = dcmDataDict.wrlock();
  for (const DictionaryEntry& entry : all_entries()) {
    const DcmTagKey key(entry.tag.group, entry.tag.element);
    const DcmDictEntry* known = dictionary.findEntry(key, nullptr);
    const bool exact = known != nullptr && !known->isRepeating();
    if (exact || entry.keyword.empty() || entry.vr == Vr::none) continue;
    const std::string keyword(entry.keyword);
    dictionary.addEntry(new DcmDictEntry(entry.tag.group, entry.tag.element, vr_for(entry.vr),
                                         keyword.c_str(), 0, DcmVariableVM, "DICOM", OFTrue,
                                         nullptr));
  }
  dcmDataDict.wrunlock();
  return {};
}

Result<void> scan_first(const Skeleton& skeleton, const TransferSyntax& syntax) {
  Scanner scanner(syntax, {});
  skeleton.for_each([&scanner](ByteView bytes) { scanner.feed(bytes); });
  const ScanFacts facts = scanner.finish();
  if (!facts.problem) return {};
  return make_error(ErrorKind::invalid, facts.problem->slug,
                    "the copy is malformed at byte " + std::to_string(facts.problem->offset));
}

Result<SecondReading> read_skeleton(const Skeleton& skeleton, const TransferSyntax& syntax) {
  SkeletonStream stream(skeleton, 0);
  DcmDataset dataset;
  dataset.transferInit();
  const OFCondition outcome =
      dataset.read(stream, syntax_for(syntax), EGL_noChange, kLargeValueBytes - 1);
  dataset.transferEnd();
  if (outcome.bad()) {
    // The condition's number only: its text may hold a value.
    return unreadable("cannot-read", "DCMTK cannot read the copy (condition " +
                                         std::to_string(outcome.module()) + "." +
                                         std::to_string(outcome.code()) + ")");
  }
  if (static_cast<std::uint64_t>(stream.tell()) != skeleton.size_bytes()) {
    return unreadable("bytes-left", "DCMTK stopped before the end of the copy");
  }
  SecondReading reading;
  Walker walker(reading);
  const Headers headers = syntax.implicit_vr ? Headers::implicit_vr : Headers::explicit_vr;
  if (!walker.walk_item(dataset, headers, 0, "")) return std::move(walker).error();
  if (!walker.accounts_for(skeleton.size_bytes())) {
    return unreadable("bytes-unaccounted", "DCMTK's elements do not stand for every byte");
  }
  return reading;
}

}  // namespace

Result<void> prepare_second_reader() {
  static const Result<void> outcome = [] {
    OFLog::configure(OFLogger::OFF_LOG_LEVEL);
    return load_dictionary();
  }();
  return outcome;
}

Result<SecondReading> read_record_with_dcmtk(const std::vector<Piece>& pieces, ByteView own,
                                             const std::vector<LargeValue>& source_large,
                                             const TransferSyntax& syntax) {
  VR_TRY(prepare_second_reader());
  if (syntax.deflated) {
    VR_TRY(const Skeleton deflated, Skeleton::build(pieces, own, {}, false));
    Bytes packed;
    deflated.for_each(
        [&packed](ByteView some) { packed.insert(packed.end(), some.begin(), some.end()); });
    MemorySource source(packed);
    VR_TRY(const Bytes plain, inflate_all(source, InflateLimits{}));
    TransferSyntax inflated = syntax;
    inflated.deflated = false;
    return read_with_dcmtk(plain, inflated);
  }
  VR_TRY(const Skeleton skeleton, Skeleton::build(pieces, own, source_large, syntax.big_endian));
  VR_TRY(scan_first(skeleton, syntax));
  try {
    return read_skeleton(skeleton, syntax);
  } catch (const std::exception&) {
    return unreadable("cannot-read", "DCMTK gave up on the copy");
  }
}

Result<SecondReading> read_with_dcmtk(ByteView dataset, const TransferSyntax& syntax) {
  return read_record_with_dcmtk({{true, 0, dataset.size()}}, dataset, {}, syntax);
}

}  // namespace veilroute::dicom
