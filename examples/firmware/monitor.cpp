// A monitor in C++: raw grey frames from standard input are analysed in this process, and what an
// operator would see comes out: what is suspicious now, or why there is no analysis.
//
//     make -C examples/firmware monitor
//     examples/firmware/monitor BUNDLE LIBONNXRUNTIME 640 480 < frames.grey
//
// For research and engineering: not for diagnosis.
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "sonoedge.hpp"

namespace {

// "Not analysed" has words of its own: it is never "nothing found".
std::string words(const sono::Result &result, const std::vector<std::string> &labels) {
    if (!result.analysed() || !result.current(sonoedge_now_ns())) {
        std::string text = "NOT ANALYSED";
        for (const auto reason : result.reasons()) {
            text += " " + std::string(reason);
        }
        return text + (result.analysed() ? " STALE" : "");
    }
    if (result.regions().empty() && result.localised()) {
        return "nothing found";
    }
    std::string text = result.temporal_flag().value_or(result.flagged()) ? "FLAG" : "no flag";
    if (!result.localised()) { // a grade of the whole frame, and no word on where
        char grade[32];
        std::snprintf(grade, sizeof grade, "; frame %.2f", result.c().suspicion);
        return text + grade;
    }
    for (const auto &region : result.regions()) {
        text += "; track " + std::to_string(region.track_id) + " at " +
                std::to_string(region.box[0]) + "," + std::to_string(region.box[1]);
        for (std::size_t i = 0; region.class_probs != nullptr && i < labels.size(); i++) {
            char share[32];
            std::snprintf(share, sizeof share, " %.2f", region.class_probs[i]);
            text += " " + labels[i] + share;
        }
    }
    return text;
}

int watch(const char *bundle, const char *onnxruntime, std::uint32_t width, std::uint32_t height) {
    sonoedge_options options{};
    options.onnxruntime = onnxruntime;
    auto handle = sono::Handle::open(bundle, options);
    const auto status = handle.status();
    const std::vector<std::string> labels(status.labels, status.labels + status.label_count);
    std::vector<std::uint8_t> pixels(std::size_t{width} * height);

    std::size_t got;
    while ((got = std::fread(pixels.data(), 1, pixels.size(), stdin)) == pixels.size()) {
        handle.submit(sono::frame(pixels.data(), width, height));
        if (const auto result = handle.next()) {
            std::cout << "frame " << result->c().frame_id << ": " << words(*result, labels)
                      << std::endl;
        }
    }
    if (got != 0) {
        // Of another size, every frame before was a wrong picture as well.
        std::cerr << "the last frame has " << got << " of " << pixels.size()
                  << " bytes: are its sides right?\n";
        return 1;
    }
    return 0;
}

// A width or height in pixels; 0 where the word is none.
std::uint32_t side(const char *word) {
    char *end;
    const unsigned long value = std::strtoul(word, &end, 10);
    return *end == '\0' && value <= SONOEDGE_MAX_SIDE ? static_cast<std::uint32_t>(value) : 0;
}

} // namespace

int main(int count, char **arguments) {
    try {
        const std::uint32_t width = count == 5 ? side(arguments[3]) : 0;
        const std::uint32_t height = count == 5 ? side(arguments[4]) : 0;
        if (width != 0 && height != 0) {
            return watch(arguments[1], arguments[2], width, height);
        }
        std::cerr << "usage: monitor BUNDLE LIBONNXRUNTIME WIDTH HEIGHT < FRAMES\n"
                     "sides are 1 to " << SONOEDGE_MAX_SIDE << " pixels\n";
        return 2;
    } catch (const std::exception &error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
