// Advice on what de-identification and verification found: why objects wait in quarantine.
#include "app/advice_tables.h"

namespace veilroute::app {
namespace {

constexpr std::string_view kKind =
    "Nobody: objects of this kind need more than this profile can do.";
constexpr std::string_view kWrittenSo = "The source: this is how the object was written.";
constexpr std::string_view kPixels =
    "Nobody yet: the header alone cannot show that no text stands in the pixels.";
constexpr std::string_view kEngine =
    "This node: de-identification and verification do not agree, which is a fault of the program.";
constexpr std::string_view kExclude =
    "Leave such objects out by the route's include rule, or give them up with `quarantine "
    "withdraw`, so that the rest can go.";
constexpr std::string_view kLook =
    "Have a person look at the picture. Leave such objects out by the route's include rule, or "
    "trust this source by a document: `pixels = { trust = \"...\" }` in the route.";
constexpr std::string_view kRepair =
    "Have the source repair the object and send it again, or give it up with `quarantine "
    "withdraw`.";
constexpr std::string_view kReport =
    "Report the rule and the tag path to Veilroute's makers. Until then `quarantine withdraw` "
    "gives "
    "the object up, so that the rest can go.";

constexpr std::string_view kCaller = "Whoever asked: names and the map do not say it.";
constexpr std::string_view kMaker = "The tool that made the copy.";
constexpr std::string_view kSearched = "The other checks were made; nothing was written.";
constexpr std::string_view kMendMaker =
    "Have the tool that made the copy write the file anew, or set it to leave this out.";

constexpr Advice kProfileAdvice[] = {
    // De-identification
    {"deid.encapsulated-document", "The object is a document, such as a PDF, wrapped into DICOM.",
     kKind, kInQuarantine, kExclude},
    {"deid.structured-report", "The object is a structured report: its content is free text.",
     kKind, kInQuarantine, kExclude},
    {"deid.raw-data",
     "The object holds raw data of a device, in a layout that only its maker knows.", kKind,
     kInQuarantine, kExclude},
    {"deid.voice-audio", "The object is a recording of a voice, and a voice tells who speaks.",
     kKind, kInQuarantine, kExclude},
    {"deid.unknown-sop-class", "The standard does not say what objects of this class hold.", kKind,
     kInQuarantine, kExclude},
    {"deid.label-image",
     "The object is the label or overview of a slide, with what is written on it.", kKind,
     kInQuarantine, kExclude},
    {"deid.video-or-reference", "The pixels are a video stream, or lie elsewhere by reference.",
     kKind, kInQuarantine, kExclude},
    {"deid.overlay-in-pixels",
     "An overlay stands in the bits of the pixels, and cannot be told from the picture.",
     kWrittenSo, kInQuarantine, "Have the source send overlays apart from the pixels."},
    {"deid.real-valued-pixels",
     "The pixels are floating-point numbers, which objects of this class do not have.", kWrittenSo,
     kInQuarantine, kLook},
    {"deid.pixel-length-unknown", "The header does not say where the pixels end.", kWrittenSo,
     kInQuarantine, kRepair},
    {"deid.pixel-surplus",
     "Bytes stand behind the end of a compressed frame, and cannot be cut off without a risk to "
     "the "
     "picture.",
     kWrittenSo, kInQuarantine, kRepair},
    {"deid.pixel-metadata",
     "A comment stands inside the compressed pixels, and cannot be taken out without a risk to the "
     "picture.",
     kWrittenSo, kInQuarantine,
     "Have the source send the object uncompressed, or without such comments."},
    {"deid.pixel-unread",
     "The compressed pixels are damaged, or of a layout that is not read here.", kWrittenSo,
     kInQuarantine, "Have the source send the object in another transfer syntax."},
    {"deid.no-pseudonym", "There is no whole pseudonym for this patient.", "This node.",
     kInQuarantine, kReport},

    // Pixels
    {"pixels.burned-in-annotation", "The object itself says that text is burned into its pixels.",
     kWrittenSo, kInQuarantine, kLook},
    {"pixels.secondary-capture", "The object is a capture: a screen, a scan, a photograph.",
     kPixels, kInQuarantine, kLook},
    {"pixels.ultrasound",
     "The object is an ultrasound: most devices print the name into the picture.", kPixels,
     kInQuarantine, kLook},
    {"pixels.angiography",
     "The object is an angiography: many devices print text into the picture.", kPixels,
     kInQuarantine, kLook},
    {"pixels.visible-light", "The object is a photograph or a microscope's picture.", kPixels,
     kInQuarantine, kLook},
    {"pixels.encapsulated-document", "The object is a document with pictures of its pages.",
     kPixels, kInQuarantine, kLook},
    {"pixels.unknown-class", "It is not known of this class of objects what its pictures show.",
     kPixels, kInQuarantine, kLook},
    {"pixels.modality", "The modality is one whose pictures often carry text.", kPixels,
     kInQuarantine, kLook},
    {"pixels.image-type-missing", "The object does not say whether its picture is an original.",
     kPixels, kInQuarantine, kLook},
    {"pixels.image-type-odd", "What the object says of its picture's origin is unusual.", kPixels,
     kInQuarantine, kLook},
    {"pixels.image-type-secondary",
     "The picture was made from another one, perhaps with text on it.", kPixels, kInQuarantine,
     kLook},
    {"pixels.image-type-screen", "The picture was saved from a screen.", kPixels, kInQuarantine,
     kLook},
    {"pixels.image-type-dose", "The picture is a dose sheet: a page of text.", kPixels,
     kInQuarantine, kLook},
    {"pixels.image-type-localizer",
     "The picture is an overview with lines and perhaps text drawn in.", kPixels, kInQuarantine,
     kLook},
    {"pixels.conversion-type", "The picture was scanned, filmed or typed into a computer.", kPixels,
     kInQuarantine, kLook},
    {"pixels.capture-device", "The object names a capture device.", kPixels, kInQuarantine, kLook},
    {"pixels.description", "A description of the object speaks of a screen, a report or a dose.",
     kPixels, kInQuarantine, kLook},
    {"pixels.colour", "The picture is in colour, as scanners do not make them but screens do.",
     kPixels, kInQuarantine, kLook},
    {"pixels.eight-bit",
     "The picture has 8 bits a pixel, as scanners do not make them but screens do.", kPixels,
     kInQuarantine, kLook},

    // Verification
    {"verify.identity-found",
     "A word, number or UID of the original was found in the finished copy.", kEngine,
     kInQuarantine,
     "Look in the original at the tag path of the finding: a profile rule that keeps the "
     "attribute, or "
     "a name that is also a common word, may be why. Else report it to Veilroute's makers."},
    {"verify.identity-between-values",
     "A word, number or UID of the original was found in the copy, outside of any value.", kEngine,
     kInQuarantine, kReport},
    {"verify.too-many-terms",
     "The study holds more names, numbers and dates than can be searched for in the copies.",
     kWrittenSo, kInQuarantine, kRepair},
    {"verify.uid-not-replaced", "A UID in the copy is not one of the new ones.", kEngine,
     kInQuarantine, kReport},
    {"verify.not-the-pseudonym", "The copy carries something else where the pseudonym belongs.",
     kEngine, kInQuarantine, kReport},
    {"verify.not-declared", "The copy does not say that and how it was de-identified.", kEngine,
     kInQuarantine, kReport},
    {"verify.private", "A private attribute is in the copy though the profile does not keep it.",
     kEngine, kInQuarantine, kReport},
    {"verify.forbidden-group", "The copy holds attributes that no copy may hold.", kEngine,
     kInQuarantine, kReport},
    {"verify.listed-present", "An attribute that the standard removes is in the copy.", kEngine,
     kInQuarantine, kReport},
    {"verify.listed-filled", "An attribute that the standard empties has a value in the copy.",
     kEngine, kInQuarantine, kReport},
    {"verify.undecodable-text",
     "A text of the copy is not in the character set that the object declares, so nobody can say "
     "what "
     "it says.",
     kWrittenSo, kInQuarantine,
     "Remove the attribute by a rule of the profile, or have the source declare its character "
     "set."},
    {"verify.type-1-empty",
     "The copy lacks a value that this kind of object must have, and that the original has.",
     kEngine, kInQuarantine, kReport},
    {"verify.type-2-absent",
     "The copy lacks an attribute that this kind of object must have, and that the original has.",
     kEngine, kInQuarantine, kReport},
    {"verify.profile-rule", "An attribute is not as the profile's own rule says.", kEngine,
     kInQuarantine, kReport},
    {"verify.unlisted-text", "Free text is in the copy that no rule lets through.", kEngine,
     kInQuarantine, kReport},
    {"verify.unread-value", "The copy holds a value whose type cannot be told.", kEngine,
     kInQuarantine, kReport},
    {"verify.unread-bulk", "The copy holds binary data whose layout is not known.", kEngine,
     kInQuarantine, kReport},
    {"verify.odd-value", "A number or code in the copy is not written like one, so it may be text.",
     kWrittenSo, kInQuarantine, kRepair},
    {"verify.unknown-attribute", "The copy holds an attribute that the dictionary does not know.",
     kEngine, kInQuarantine, kReport},
    {"verify.nested-pixel-data", "Pixels stand inside a sequence of the copy.", kEngine,
     kInQuarantine, kReport},
    {"verify.report-content", "The content of a structured report is in the copy.", kEngine,
     kInQuarantine, kReport},
    {"verify.encapsulated-document", "A wrapped document is in the copy.", kEngine, kInQuarantine,
     kReport},
    {"verify.codestream",
     "Something beside the picture stands in the compressed pixels of the copy.", kEngine,
     kInQuarantine, kReport},
    {"verify.picture-changed", "The compressed pixels of the copy are not those of the original.",
     kEngine, kInQuarantine, kReport},
    {"verify.offset-table", "The copy does not say rightly where its frames begin.", kEngine,
     kInQuarantine, kReport},
    {"verify.pixels-missing", "The pixels of the original are not in the copy.", kEngine,
     kInQuarantine, kReport},
    {"verify.pieces", "The copy is not put together from the parts it should have.", kEngine,
     kInQuarantine, kReport},
    {"verify.other-object",
     "The copy says that it is another object than the one it was made from.", kEngine,
     kInQuarantine, kReport},
    {"acceptance.revoked",
     "A value was called harmless in this transfer's copies, and that was taken back.",
     "The person who revoked the acceptance.",
     "The transfer is prepared again by itself, and held if the value is found again.",
     "See `quarantine accepted` for who revoked what; `quarantine show` once it is held."},

    // Copies in files, for `veilroute verify`
    {"verify.no-source", "It is not known from which file a copy was made.", kCaller, kSearched,
     "Say by --map which object became which: rows of id_old,id_new."},
    {"verify.source-unreadable",
     "A source cannot be read, so its names and numbers were searched for in no copy.", kWrittenSo,
     kSearched, "Read the source with another tool, or leave it out of the folder."},
    {"verify.preamble", "The 128 bytes before the copy's data set are not empty.", kMaker,
     kSearched, kMendMaker},
    {"verify.file-meta", "The head of the copy's file says more than it must.", kMaker, kSearched,
     kMendMaker},
    {"verify.file-name", "The copy's file or folder is named after something of the source.",
     kMaker, kSearched, "Name copies by their new UIDs."},
    {"verify.private-text", "A private attribute of the copy holds text.", kMaker, kSearched,
     "Look at the attribute in the source. Have it removed, unless its maker says what it holds."},

    {"verify.unreadable", "The finished copy cannot be read again.", kEngine, kInQuarantine,
     kReport},
    {"verify.own-digest", "The copy changed between writing and reading.", kEngine, kInQuarantine,
     kReport},
    {"verify.not-checked", "A copy was to be sent that was never verified.", kEngine, kInQuarantine,
     kReport},
    {"verify.nothing-to-send", "A clearance was asked for with nothing to send.", kEngine,
     kInQuarantine, kReport},
    {"verify.other-profile", "The copies were verified under another version of the profile.",
     kEngine, kInQuarantine, "Prepare the transfer again with `quarantine resume`."},
};

}  // namespace

std::span<const Advice> profile_advice() { return kProfileAdvice; }

}  // namespace veilroute::app
