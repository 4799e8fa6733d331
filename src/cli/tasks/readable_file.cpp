#include "cli/tasks/readable_file.hpp"

#include "cli/text.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>

namespace echosocket::cli {

namespace {

std::string quoted_name(const std::string& name) {
    return "'" + one_line(name) + "'";
}

}  // namespace

result<readable_file> readable_file::open(const std::filesystem::path& directory, const std::string& name) {
    if (name.empty() || name[0] == '.' || name.find('/') != std::string::npos || name.find('\0') != std::string::npos)
        return failure(errc::bad_request,
                       quoted_name(name) + " is refused: the name of a file in the directory itself is expected");
    // A link could lead out of the directory, and opening a named pipe would wait for its writer.
    descriptor file(::open((directory / name).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    struct stat facts {};
    if (!file || ::fstat(file.get(), &facts) != 0 || !S_ISREG(facts.st_mode))
        return failure(errc::bad_request, "there is no file " + quoted_name(name));
    return readable_file(std::move(file), static_cast<std::uint64_t>(facts.st_size));
}

result<file_piece> readable_file::read() const {
    file_piece piece(piece_size);
    ssize_t bytes = 0;
    do bytes = ::read(file_.get(), piece.data(), piece.size());
    while (bytes < 0 && errno == EINTR);
    if (bytes < 0) return system_failure("the file could not be read");
    piece.resize(static_cast<std::size_t>(bytes));
    return piece;
}

}  // namespace echosocket::cli
