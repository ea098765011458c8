{{- define "doctune.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{ .Values.fullnameOverride }}
{{- else if contains .Chart.Name .Release.Name -}}
{{ .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else -}}
{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" }}
{{- end -}}
{{- end -}}

{{- define "doctune.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "doctune.labels" -}}
{{ include "doctune.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- /* cluster-wide names carry the namespace, so that releases of one name in two namespaces do not meet */ -}}
{{- define "doctune.clusterName" -}}
{{ include "doctune.fullname" . }}-{{ .Release.Namespace }}
{{- end -}}

{{- define "doctune.leaseName" -}}
{{ include "doctune.fullname" . }}-operator
{{- end -}}

{{- define "doctune.certificateSecret" -}}
{{ include "doctune.fullname" . }}-progress-tls
{{- end -}}

{{- define "doctune.progressUrl" -}}
https://{{ include "doctune.fullname" . }}-progress.{{ .Release.Namespace }}.svc:8443
{{- end -}}

{{- define "doctune.operatorImage" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}

{{- define "doctune.trainerImage" -}}
{{ .Values.trainer.image.repository }}:{{ .Values.trainer.image.tag | default .Chart.AppVersion }}
{{- end -}}
