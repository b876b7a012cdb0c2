/* sonoedge.hpp: sonoedge.h for C++17, with handles that close themselves.
 *
 * A thin cover: what a call means stands in sonoedge.h. What cannot be done throws
 * sono::Error; a frame that is not analysed is a Result that says so, never an exception.
 */
#ifndef SONOEDGE_HPP
#define SONOEDGE_HPP

#include "sonoedge.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace sono {

/* A call that failed: its error, and what sonoedge_last_message said. */
class Error : public std::runtime_error {
public:
    Error(sonoedge_error code, std::string_view message)
        : std::runtime_error(std::string(sonoedge_error_name(code)) + ": " + std::string(message)),
          code_(code) {}
    sonoedge_error code() const noexcept { return code_; }

private:
    sonoedge_error code_;
};

/* `count` values of C, for a loop. */
template <typename T> class Values {
public:
    Values(const T *begin, std::size_t count) noexcept : begin_(begin), count_(count) {}
    const T *begin() const noexcept { return begin_; }
    const T *end() const noexcept { return begin_ + count_; }
    std::size_t size() const noexcept { return count_; }
    bool empty() const noexcept { return count_ == 0; }
    const T &operator[](std::size_t index) const noexcept { return begin_[index]; }

private:
    const T *begin_;
    std::size_t count_;
};

/* One outcome. It points into its handle, until that handle's next call of next(). */
class Result {
public:
    explicit Result(const sonoedge_result &result) noexcept : result_(result) {}

    /* True where the picture was analysed. Only then do regions and flags say anything. */
    bool analysed() const noexcept { return result_.outcome == SONOEDGE_ANALYSED; }
    /* True where it may still be shown as live. */
    bool current(std::int64_t now_ns) const noexcept { return now_ns <= result_.valid_until_ns; }
    bool flagged() const noexcept { return result_.flagged != 0; }
    /* False where the network grades the whole frame: without regions, such a frame may be
     * flagged. "Nothing found" is said of a frame that is analysed, localised and without regions.
     */
    bool localised() const noexcept { return result_.localised != 0; }
    /* Nothing where nothing tracks, or the frame was not analysed. */
    std::optional<bool> temporal_flag() const noexcept {
        return result_.temporal_flag < 0 ? std::nullopt
                                         : std::optional<bool>(result_.temporal_flag != 0);
    }
    Values<sonoedge_region> regions() const noexcept {
        return {result_.regions, result_.region_count};
    }
    std::vector<std::string_view> reasons() const {
        std::vector<std::string_view> names;
        for (std::uint32_t i = 0; i < result_.reason_count; i++) {
            names.emplace_back(sonoedge_reason_name(result_.reasons[i]));
        }
        return names;
    }
    std::string_view detail() const noexcept { return result_.detail; }
    /* All that sonoedge.h says of it. */
    const sonoedge_result &c() const noexcept { return result_; }

private:
    sonoedge_result result_;
};

/* A handle: through the service, or in this process. It can be moved, not copied. */
class Handle {
public:
    /* Throws where there can be no handle. Where the service is merely away, the handle is there
     * and tries again by itself, as in C: connected() tells. */
    static Handle connect(const std::string &socket, const sonoedge_options &options = {}) {
        sonoedge *handle = nullptr;
        const sonoedge_error error = sonoedge_connect(socket.c_str(), &options, &handle);
        return Handle(handle, error, handle != nullptr);
    }

    /* Throws where the bundle cannot be opened, with the reason. */
    static Handle open(const std::string &bundle, const sonoedge_options &options = {}) {
        sonoedge *handle = nullptr;
        const sonoedge_error error = sonoedge_open(bundle.c_str(), &options, &handle);
        return Handle(handle, error, error == SONOEDGE_OK);
    }

    /* The frame's id. Throws where it was not submitted. */
    std::uint64_t submit(const sonoedge_frame &frame) {
        std::uint64_t id = 0;
        check(sonoedge_submit(handle_.get(), &frame, &id));
        return id;
    }

    /* The newest result that was not read; nothing where none came within the time. Throws where
     * the service is away. */
    std::optional<Result> next(std::uint32_t timeout_ms = 0) {
        sonoedge_result result;
        const sonoedge_error error = sonoedge_next(handle_.get(), &result, timeout_ms);
        if (error == SONOEDGE_ERROR_NOTHING_NEW) {
            return std::nullopt;
        }
        check(error);
        return Result(result);
    }

    bool valid() const noexcept { return sonoedge_valid(handle_.get(), sonoedge_now_ns()) != 0; }
    int descriptor() const noexcept { return sonoedge_descriptor(handle_.get()); }
    std::string message() const { return sonoedge_last_message(handle_.get()); }

    /* Its texts last until the handle's next call. A handle that is not connected has a status,
     * too: it says so. */
    sonoedge_status status() {
        sonoedge_status status;
        (void)sonoedge_get_status(handle_.get(), &status);
        return status;
    }

    /* Whether a service answers, or the bundle is open; valid() tells whether to rely on it. */
    bool connected() {
        sonoedge_status status;
        return sonoedge_get_status(handle_.get(), &status) == SONOEDGE_OK;
    }
    sonoedge *c() noexcept { return handle_.get(); }

private:
    struct Close {
        void operator()(sonoedge *handle) const noexcept { sonoedge_close(handle); }
    };

    Handle(sonoedge *handle, sonoedge_error error, bool keep) : handle_(handle) {
        if (!keep) {
            throw Error(error, sonoedge_last_message(handle));
        }
    }

    void check(sonoedge_error error) const {
        if (error != SONOEDGE_OK) {
            throw Error(error, sonoedge_last_message(handle_.get()));
        }
    }

    std::unique_ptr<sonoedge, Close> handle_;
};

/* A frame of an image that stays where it is until submit has returned. */
inline sonoedge_frame frame(const std::uint8_t *pixels, std::uint32_t width, std::uint32_t height,
                            sonoedge_format format = SONOEDGE_GREY8) noexcept {
    sonoedge_frame made;
    sonoedge_frame_init(&made);
    made.pixels = pixels;
    made.width = width;
    made.height = height;
    made.format = format;
    made.captured_ns = sonoedge_now_ns();
    return made;
}

} // namespace sono

#endif
