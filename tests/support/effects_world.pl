#!/usr/bin/perl
# effects_world.pl FOLDER FILE: the tools of a chain, on a port of its own that it writes into FILE. What is asked of them is kept before
# it is answered: FOLDER/KEY gets a line for each request with that key. The path says how it goes:
#
#   done    200           busy    503 at first, then 200      slow   200 at first later than anybody waits, then at once
#   later   202           slip    200, each time too late
use strict;
use IO::Socket::INET;
my ($seen, $file) = @ARGV;
my $too_late = 4; # seconds; the time-outs of those who ask are shorter
$SIG{CHLD} = $SIG{PIPE} = 'IGNORE';
my $server = IO::Socket::INET->new(Listen => 128, LocalAddr => '127.0.0.1', LocalPort => 0) or die;
open(my $out, '>', "$file.new") or die;
print $out $server->sockport;
close($out);
rename("$file.new", $file);

sub read_request {
        my ($client) = @_;
        my ($path) = (<$client> // '') =~ m|^POST /(\w+)|;
        my ($key, $length, $line) = ('', 0);
        while (defined($line = <$client>) && $line !~ /^\r?$/) {
                $key = $1 if $line =~ /^Idempotency-Key: *"?([0-9a-f\/-]+)/i;
                $length = $1 if $line =~ /^Content-Length: *(\d+)/i;
        }
        read($client, my $body, $length) == $length or exit;
        exit if $key eq '' || !defined $path;
        $key =~ s|/|_|g;
        return ($path, $key, $body);
}

while (1) {
        my $client = $server->accept or next;
        next if fork;
        my ($path, $key, $body) = read_request($client);
        open(my $to, '>>', "$seen/$key") or die;
        syswrite($to, "$path $body\n");
        close($to);
        my $count = () = do { open(my $from, '<', "$seen/$key"); <$from> };
        my $say = $path eq 'later' ? '202 Accepted' : $path eq 'busy' && $count == 1 ? '503 Busy' : '200 OK';
        my $is_late = $path eq 'slip' || ($path eq 'slow' && $count == 1);
        select(undef, undef, undef, $is_late ? $too_late : 0.1); # so that a kill finds some of them under way
        my $retry = $say =~ /^503/ ? "Retry-After: 1\r\n" : '';
        print $client "HTTP/1.1 $say\r\n${retry}Content-Type: application/json\r\nContent-Length: 13\r\n",
                "Connection: close\r\n\r\n{\"told\":true}";
        exit;
}
