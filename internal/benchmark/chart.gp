# Draws chart.svg from the output of BenchmarkRefresh: gnuplot -c chart.gp results.txt chart.svg

# results prints the number of jobs and a metric of each benchmark without latency and limit.
results(metric) = sprintf("< awk '/^BenchmarkRefresh.*latency=0s/ { split($1, name, /[=\\/]/); for (i = 4; i <= NF; i += 2) if ($i == \"%s\") print name[3], $(i - 1) }' %s", metric, ARG1)

set terminal svg size 840,300 font "Liberation Sans,Helvetica,Arial,sans-serif,12" background "#ffffff"
set output ARG2
set multiplot layout 1,3
set style fill solid 0.8
set boxwidth 0.6
set xlabel "jobs"
set grid ytics lc "#d5dbe1"
set border 3 lc "#1f2933"
set tics nomirror
set xrange [-0.6:2.6]
unset key

# panel draws a bar for each number of jobs, and the target as a dashed line.
panel = "set title name font ',13'; set yrange [0:maximum]; \
set arrow 1 from -0.6, target to 2.6, target nohead lc '#a34a00' dt 2; \
set label 1 sprintf('target: at most %g', target) at -0.5, target * 1.06 tc '#a34a00'; \
plot results(metric) using 0:2:xtic(1) with boxes lc '#2f6496', '' using 0:2:(sprintf('%.3g', $2)) with labels offset 0,0.6"

name = "CPU time / that of terraform\\_data"; metric = "cpu/terraform_data"; target = 4; maximum = 5
eval panel
name = "Peak memory of the provider (MiB)"; metric = "provider-MiB"; target = 60; maximum = 75
eval panel
name = "Requests to IAM and ModelArts"; metric = "requests/op"; target = 11; maximum = 14
eval panel
