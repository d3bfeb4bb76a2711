# Homebrew: brew install --formula ./psn.rb, of the release page: the release workflow puts owner, version and checksum in.
class Psn < Formula
  desc "Post to X from a terminal or an agent, each tweet exactly once"
  homepage "https://github.com/OWNER/psn"
  url "https://github.com/OWNER/psn/releases/download/v0.2.0/psn-0.2.0.tgz"
  sha256 "0000000000000000000000000000000000000000000000000000000000000000"
  license "MIT"

  depends_on "node"

  def install
    system "npm", "install", *std_npm_args
    bin.install_symlink libexec.glob("bin/*")
  end

  service do
    run [opt_bin/"psn", "worker", "--also"]
    keep_alive true
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/psn --version")
    assert_match "tweetCount", shell_output("#{bin}/psn preview Hello")
  end
end
